"""Who supplies whom: firms, links, sheets, tiers."""
