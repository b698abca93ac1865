// SPDX-License-Identifier: MIT

const PAGE = 4096;

/**
 * Where the pages of a process are: a square for each piece of memory, in the colour of the node that has most of it, the
 * paler the less that is. The arrow keys, Home and End choose a piece, of which the line below says more.
 *
 * Set `map` to what the API calls a PageMap. It is a slider to those who hear the page.
 */
export class PageMapElement extends HTMLElement {
  #map = { cellPages: 1, nodes: [], cells: [] };
  #chosen = -1;
  #squares = document.createElement('div');
  #line = document.createElement('output');

  connectedCallback() {
    if (this.#squares.isConnected) return;
    this.append(this.#squares, this.#line);
    this.tabIndex = 0;
    this.setAttribute('role', 'slider');
    this.setAttribute('aria-label', 'Page map');
    this.setAttribute('aria-valuemin', '1');
    this.addEventListener('keydown', (event) => this.#onKey(event));
    this.#squares.addEventListener('click', (event) => {
      const at = [...this.#squares.children].indexOf(event.target);
      if (at !== -1) this.#choose(at);
    });
  }

  /** @param {{ cellPages: number, nodes: string[], cells: { page: number, here: number[] }[] }} map */
  set map(map) {
    this.#map = map;
    const { children } = this.#squares;
    while (children.length > map.cells.length) children[children.length - 1].remove();
    while (children.length < map.cells.length) this.#squares.append(document.createElement('i'));
    map.cells.forEach(({ here }, index) => this.#paint(children[index], here));
    this.setAttribute('aria-valuemax', String(map.cells.length));
    if (this.#chosen >= map.cells.length) this.#chosen = -1;
    this.#tell();
  }

  #paint(square, here) {
    const most = Math.max(...here);
    const share = Math.min(1, most / this.#map.cellPages);
    square.style.background = most === 0 ? '' : `var(--node-${here.indexOf(most) % 8})`;
    square.style.opacity = most === 0 ? '' : String(0.35 + 0.65 * share);
  }

  #onKey(event) {
    const last = this.#map.cells.length - 1;
    const row = Math.max(1, getComputedStyle(this.#squares).gridTemplateColumns.split(' ').length);
    const to = {
      ArrowRight: this.#chosen + 1,
      ArrowLeft: this.#chosen - 1,
      ArrowDown: this.#chosen + row,
      ArrowUp: this.#chosen - row,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#choose(Math.max(0, Math.min(last, to)));
  }

  #choose(at) {
    this.#squares.children[this.#chosen]?.classList.remove('chosen');
    this.#chosen = at;
    this.#squares.children[at]?.classList.add('chosen');
    this.#tell();
  }

  #tell() {
    const { cells, nodes, cellPages } = this.#map;
    const cell = cells[this.#chosen];
    const size = `${(cellPages * PAGE) / 1024} KiB`;
    const text =
      cell === undefined
        ? `${cells.length} pieces of ${size}; arrow keys choose one`
        : `${this.#chosen + 1} of ${cells.length}, from ${(cell.page * PAGE).toString(16)}, ${size}: ` +
          nodes.map((node, index) => `${node} has ${cell.here[index]} pages`).join(', ');
    // It is read out when it changes.
    if (this.#line.textContent !== text) this.#line.textContent = text;
    this.setAttribute('aria-valuenow', String(this.#chosen + 1));
    this.setAttribute('aria-valuetext', text);
  }
}

customElements.define('page-map', PageMapElement);
