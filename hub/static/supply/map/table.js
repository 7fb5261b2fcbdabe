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

  // The firms that the hub found for a text: it knows numbers and sounds that the drawing does not.
  get fit() {
    const { fit } = this.part.dataset;
    return fit === undefined ? null : new Set(fit.split(" ").filter(Boolean).map(Number));
  }

  // Whether the table is new now; false where the hub could not be asked, or a newer question was.
  async renew(address) {
    this.turn += 1;
    const mine = this.turn;
    this.part.setAttribute("aria-busy", "true");
    const answer = await fetch(address).catch(() => null);
    if (mine !== this.turn) return false;
    const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    if (mine !== this.turn) return false;
    this.part.removeAttribute("aria-busy");
    const fresh = page?.getElementById("firms-part");
    if (!fresh) return false;
    this.part.replaceWith(document.adoptNode(fresh));
    return true;
  }
}

// Numbers of the firms with such a registration number, as the hub's table names them.
export async function byNumber(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("#firms-part [data-see]")].map((each) => Number(each.dataset.see));
}
