// The table below the drawing: the hub renews it for the same filters, so both say the same.
export class Table {
  constructor(place, go) {
    this.place = place;
    this.turn = 0;
    place.addEventListener("click", (event) => {
      const link = event.target.closest(".krds-pagination a[href], .empty a[href]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(new URL(link.href));
    });
  }

  get part() { return this.place.querySelector("#firms-part"); }

  // How many firms the hub found, or null where it could not be asked.
  async renew(address) {
    this.turn += 1;
    const mine = this.turn;
    this.part.setAttribute("aria-busy", "true");
    const answer = await fetch(address).catch(() => null);
    if (mine !== this.turn) return null;
    const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    if (mine !== this.turn) return null;
    this.part.removeAttribute("aria-busy");
    const fresh = page?.getElementById("firms-part");
    if (!fresh) return null;
    this.part.replaceWith(document.adoptNode(fresh));
    return Number(fresh.dataset.total);
  }
}

// Numbers of the firms with such a registration number, as the hub's table names them.
export async function byNumber(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("#firms-part [data-see]")].map((each) => Number(each.dataset.see));
}
