"""A map as Asset Administration Shells, by two templates of the IDTA (admin-shell.io).

- IDTA 02011-1-1-1 "Hierarchical Structures enabling Bills of Material" (structure.py): one, of the
  lead firm. Its EntryNode is the lead firm, each other firm a Node; whoever buys HasPart of whom it
  buys from. A chain has diamonds and circles, a tree has not: so all nodes stand beside each other.
  Firms without a name are co-managed nodes of which nothing but their BulkCount is told.
- IDTA 02068-1-0 "Provision of Company Data" (company.py): one for each firm.

What the templates have no place for (tier, share, standing …) stands in extensions, which the
metamodel has for such facts. aas-core3.0 builds, verifies, writes and reads. Pure.
"""
