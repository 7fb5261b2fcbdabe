"""Who may know which token: the rule once more, written down plainly and without the hub's code."""

from collections.abc import Iterator

from tests.visibility.worlds import Saying, Secret, World


class Knowledge:
    """What one firm of a world may know."""

    def __init__(self, world: World, asker: int) -> None:
        self.world, self.plan, self.asker = world, world.plan, asker
        self.opened = {
            f for f, to, living in self.plan.consents if living and self.same(to) and self.hears(f)
        }
        self.seen_links = set(self._seen_links())
        self.nameable = self._nameable()
        self.acquainted = self._acquainted()

    def root(self, firm: int) -> int:
        while firm in self.world.root:
            firm = self.world.root[firm]
        return firm

    def same(self, firm: int) -> bool:
        return self.root(firm) == self.asker

    def ends(self, link: int) -> tuple[int, int]:
        supplier, buyer, _ = self.plan.links[link]
        return self.root(supplier), self.root(buyer)

    def hears(self, speaker: int) -> bool:
        """Whether the two know each other, as far as the asker is concerned."""
        if speaker == self.asker:
            return True
        yes = {(firm, by) for firm, by, stance in self.plan.vouched if stance == "yes"}
        if self.asker in self.plan.new and (self.asker, speaker) not in yes:
            return False
        return (
            speaker not in self.plan.new
            or (speaker, self.asker) in yes
            or speaker not in self.told() | self.held_with()
        )

    def held_with(self) -> set[int]:
        """Firms of whose links the asker says that they hold."""
        links = range(len(self.plan.links))
        return {end for x in links if self.asker in self.all_holding(x) for end in self.ends(x)}

    def all_holding(self, link: int) -> set[int]:
        said: tuple[Saying, ...] = self.plan.links[link][2]
        return {self.root(s.speaker) for s in said if s.living and s.stance == "holds"}

    def holding(self, link: int) -> set[int]:
        """Who says that a link holds, as far as the asker hears."""
        return {firm for firm in self.all_holding(link) if self.hears(firm)}

    def living(self) -> Iterator[int]:
        """Links that somebody says to hold, between two different firms."""
        for link in range(len(self.plan.links)):
            supplier, buyer = self.ends(link)
            if supplier != buyer and self.holding(link):
                yield link

    def _seen_links(self) -> Iterator[int]:
        links = list(self.living())
        yield from (x for x in links if self.asker in self.ends(x))
        yield from (x for x in links if self.asker in self.holding(x))
        reached = {
            supplier
            for link in links
            for supplier, buyer in (self.ends(link),)
            if buyer == self.asker and supplier in self.opened & self.holding(link)
        }
        for _ in range(self.plan.firms):
            for link in links:
                supplier, buyer = self.ends(link)
                if self.asker in (supplier, buyer) or supplier not in self.opened:
                    continue
                if buyer in reached and self.holding(link) & {supplier, buyer}:
                    reached.add(supplier)
                    yield link

    def _nameable(self) -> set[int]:
        found = {self.asker}.union(*(self.ends(link) for link in self.seen_links))
        for by, firm, lead, state in self.plan.invitations:
            state_here = state if firm in self.plan.joined or state != "accepted" else "sent"
            if self.same(firm) and state_here == "accepted":
                found |= {self.root(by), self.root(lead)}
            if by == self.asker:
                found.add(self.root(firm))
        found |= {
            self.root(to) for f, to, living in self.plan.consents if f == self.asker and living
        }
        if self.asker in self.world.offered:
            found.add(0)  # who offers a model says who it is
        return found

    def _acquainted(self) -> set[int]:
        found = (
            set(self.opened) | {self.asker} | ({0} if self.asker in self.world.offered else set())
        )
        for link in self.living():
            ends = self.ends(link)
            if self.asker in ends:
                found |= self.holding(link) & set(ends)
        for by, firm, lead, state in self.plan.invitations:
            if state == "accepted" and firm in self.plan.joined:
                if by == self.asker and self.hears(self.root(firm)):
                    found.add(self.root(firm))
                if self.same(firm):
                    found |= {self.root(by), self.root(lead)} - self.unheard()
        return found

    def unheard(self) -> set[int]:
        """New firms that the asker named and does not know."""
        named = self.told() | self.held_with()
        return {firm for firm in self.plan.new & named if not self.vouches(firm)} - {self.asker}

    def vouches(self, firm: int) -> bool:
        return (firm, self.asker, "yes") in self.plan.vouched

    def may_know(self, secret: Secret) -> bool:
        """Whether the firm may read that token anywhere."""
        firm = self.root(secret.firm) if secret.firm >= 0 else -1
        # A firm speaks to those that have to do with it, once they name it themselves or see it.
        spoken = firm in self.nameable | self.told() and firm in self.acquainted
        own = self.asker in (secret.by, firm)
        match secret.kind:
            case "own":
                may = spoken
            case "site":
                may = firm == self.asker or (spoken and secret.firm in self.plan.joined)
            case "first":
                may = firm in self.nameable
            case "told":
                may = secret.by == self.asker or self._heard(secret, firm)
            case "brn":
                may = secret.by == self.asker or (spoken and secret.by < 0)
            case "item":
                may = secret.link in self.seen_links or self._spoke_or_ends(secret.link)
            case "note":
                may = self.hears(self.root(secret.by)) and (
                    secret.by == self.asker or self.asker in self.ends(secret.link)
                )
            case "alert":
                may = self.asker in self.world.got.get(secret.link, ())
            case _:
                may = own or self._was_sent(secret)
        return may

    def _was_sent(self, secret: Secret) -> bool:
        """What a firm writes is its own, and of those to whom it sent it.

        The others (a mail's address and words, a sheet, a person) are its own alone.
        """
        if secret.kind == "answer":
            return self.asker in self.world.asked.get((secret.link, secret.firm), ())
        return secret.kind == "scenario" and (secret.by, self.asker) in self.world.shares

    def told(self) -> set[int]:
        """Firms that the asker describes in a list of its own, now."""
        return {
            self.root(s.firm)
            for s in self.world.secrets.values()
            if (s.kind, s.by, s.ended) == ("told", self.asker, False)
        }

    def _heard(self, secret: Secret, firm: int) -> bool:
        """The asker is an end of a link that the speaker says to hold, the firm is the other."""
        return not secret.ended and any(
            secret.by in self.holding(link) and {self.asker, firm} == set(self.ends(link))
            for link in self.living()
        )

    def _spoke_or_ends(self, link: int) -> bool:
        said = self.plan.links[link][2]
        heard = any(self.hears(self.root(s.speaker)) for s in said)
        return (heard and self.asker in self.ends(link)) or any(
            s.speaker == self.asker for s in said
        )

    def hidden_ids(self) -> dict[str, list[int]]:
        """Numbers that the asker must not be able to tell from numbers of nothing."""
        world = self.world
        own_links = {x for x in range(len(world.links)) if self._spoke_or_ends(x)}
        told = (s for s in world.secrets.values() if (s.kind, s.by) == ("told", self.asker))
        named = {self.root(secret.firm) for secret in told}
        return {
            "firm": [
                number
                for firm, number in enumerate(world.firms)
                if self.root(firm) not in self.nameable | named
            ],
            "link": [
                number
                for link, number in enumerate(world.links)
                if link not in self.seen_links and link not in own_links
            ],
            "sheet": [number for firm, number in world.sheets.items() if firm != self.asker],
            "invitation": [
                number
                for number, (by, firm, *_) in zip(
                    world.invitations, self.plan.invitations, strict=True
                )
                if by != self.asker and not self.same(firm)
            ],
            "alert": [
                number
                for at, number in zip(sorted(world.got), world.alerts, strict=True)
                if self.asker not in world.got[at]
            ],
            "scenario": [n for firm, n in world.scenarios.items() if firm != self.asker],
            "share": [n for (_, to), n in world.shares.items() if to != self.asker],
            "rollout": [world.rollout] if world.rollout and self.asker != 0 else [],
        }
