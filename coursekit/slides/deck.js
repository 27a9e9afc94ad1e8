// Lays the lecture out in pages of 1280×720, then hands them to reveal.js. Only a browser knows how
// high a text is, so the pages are made here: a page is filled until the next block does not fit.

(() => {
  const SMALLEST_FIGURE = { width: 400, height: 230 };
  const FULL_WIDTH = 1000; // wide and low, but as large as a page allows
  const LARGEST_ZOOM = 1.7; // of a picture or a widget, before it looks coarse
  const TABLE_ROWS = 12; // of one page, where a table is cut
  const TYPE_SIZES = [1, 0.93, 0.87]; // tried in turn to keep a slide on one page
  const stage = document.body.appendChild(element("div", "stage"));

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function announces(block, next) {
    if (block.matches(".math")) return /^\s*[a-z]/.test(next.textContent); // amid a sentence
    return block.matches("p") && /[:,\p{L}]\s*$/u.test(block.textContent);
  }

  // ---- one page ----

  class Page {
    constructor(slide, typeSize) {
      this.body = element("div", "body");
      const foot = element("div", "foot", document.body.dataset.title);
      this.box = element("div", "page", slide.querySelector("header").cloneNode(true), this.body, foot);
      this.box.classList.toggle("title", slide.classList.contains("title"));
      this.box.style.setProperty("--type", typeSize);
      stage.append(this.box);
      this.closed = false;
    }

    get isTitle() { return this.box.classList.contains("title"); }

    get empty() { return this.body.children.length === 0; }

    get tooWide() {
      const wide = [...this.body.querySelectorAll("pre, table, .math, .html")];
      return wide.some((each) => each.scrollWidth > each.parentElement.clientWidth + 1);
    }

    get tooHigh() {
      return this.body.scrollHeight > this.body.clientHeight + 1;
    }

    get overflows() {
      if (this.isTitle) return this.body.children.length > 1;
      return this.tooWide || this.tooHigh;
    }

    get room() {
      const last = this.body.lastElementChild;
      const end = last ? last.getBoundingClientRect().bottom + 18 : this.body.getBoundingClientRect().top;
      return this.body.getBoundingClientRect().bottom - end;
    }

    // Add blocks if they fit; leave the page as it was if they do not.
    take(blocks) {
      this.body.append(...blocks);
      if (!this.overflows) return true;
      for (const block of blocks) block.remove();
      return false;
    }

    // Whatever is wider than a page is so on the next page, too: it stays, and shrinks.
    takeWide(blocks) {
      this.body.append(...blocks);
      const shrinks = !this.isTitle && this.tooWide && !this.tooHigh;
      for (const block of blocks) block.remove();
      if (shrinks) this.squeeze(blocks);
      return shrinks;
    }

    // Shrink what one page must hold and cannot.
    squeeze(blocks) {
      const holder = element("div", "squeezed", ...blocks);
      this.body.append(holder);
      for (let zoom = 0.95; this.overflows && zoom > 0.2; zoom -= 0.05) holder.style.zoom = zoom;
    }

    // A sentence that announces what comes next goes with it, and so does the rest of a sentence.
    giveAnnouncement(next) {
      const given = [next];
      while (this.body.children.length > 1 && announces(this.body.lastElementChild, given[0])) {
        given.unshift(this.body.lastElementChild);
        given[0].remove();
      }
      return given.slice(0, -1);
    }
  }

  // ---- figures: below the text or beside it, whichever makes them larger ----

  function sizeWithin(image, width, height) {
    const natural = { width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
    const zoom = Math.min(width / natural.width, height / natural.height, LARGEST_ZOOM);
    return { width: natural.width * zoom, height: natural.height * zoom };
  }

  function large(size, image) {
    const whole = sizeWithin(image, Infinity, Infinity);
    if (size.width >= FULL_WIDTH) return true;
    return size.width >= Math.min(SMALLEST_FIGURE.width, whole.width)
      && size.height >= Math.min(SMALLEST_FIGURE.height, whole.height);
  }

  function apply(image, size) {
    image.style.width = `${Math.floor(size.width)}px`;
    image.style.height = `${Math.floor(size.height)}px`;
  }

  function beside(page, image) {
    const full = { width: page.body.clientWidth, height: page.body.clientHeight };
    const size = sizeWithin(image, full.width * 0.54, full.height);
    const left = element("div", "left", ...page.body.children);
    left.style.width = `${full.width - 36 - size.width}px`;
    page.body.append(left);
    const fits = !page.overflows
      && ![...left.querySelectorAll("pre")].some((pre) => pre.scrollWidth > left.clientWidth + 1);
    left.replaceWith(...left.children);
    return fits ? size : null;
  }

  function placeFigure(page, figure) {
    const image = figure.querySelector("img");
    const below = sizeWithin(image, page.body.clientWidth, page.room - 4);
    if (page.empty) {
      apply(image, below);
      return page.take([figure]);
    }
    const side = page.body.querySelector("figure") ? null : beside(page, image);
    const area = (size) => (size && large(size, image) ? size.width * size.height : 0);
    if (Math.max(area(below), area(side)) === 0) return false;
    if (area(below) >= area(side)) {
      apply(image, below);
      return page.take([figure]);
    }
    apply(image, side);
    const left = element("div", "left", ...page.body.children);
    page.body.append(element("div", "side", left, element("div", "right", figure)));
    page.closed = true;
    return true;
  }

  // ---- blocks that are too long for one page ----

  function splitList(list) {
    return [...list.children].map((item, number) => {
      const part = list.cloneNode(false);
      if (list.tagName === "OL") part.start = list.start + number;
      part.append(item);
      return part;
    });
  }

  function splitCode(pre, page) {
    const target = pre.querySelector("code") ?? pre;
    const lines = target.innerHTML.replace(/\n$/, "").split("\n");
    const perPage = Math.max(4, Math.floor((page.body.clientHeight - 60) / 28));
    if (lines.length <= perPage) return [pre];
    const parts = [];
    for (let start = 0; start < lines.length; start += perPage) {
      const part = pre.cloneNode(true);
      (part.querySelector("code") ?? part).innerHTML = lines.slice(start, start + perPage).join("\n");
      parts.push(part);
    }
    return parts;
  }

  function rowsOf(block) {
    const tables = block.matches("table") ? [block] : [...block.querySelectorAll("table")];
    return tables.length === 1 ? [...tables[0].querySelectorAll("tbody > tr")] : [];
  }

  function splitTable(block) {
    const count = Math.ceil(rowsOf(block).length / TABLE_ROWS);
    return Array.from({ length: count }, (_, part) => {
      const copy = block.cloneNode(true);
      const first = part * TABLE_ROWS;
      rowsOf(copy).forEach((row, number) => {
        if (number < first || number >= first + TABLE_ROWS) row.remove();
      });
      return copy;
    });
  }

  function split(blocks, page) {
    const [block, ...others] = blocks;
    if (block.matches(".badge")) {
      const [first, ...rest] = split(others, page);
      return [[block, ...first], ...rest];
    }
    if (others.length > 0) return blocks.map((each) => [each]);
    if (block.matches("ul, ol") && block.children.length > 1) return splitList(block).map((part) => [part]);
    if (block.matches("pre")) return splitCode(block, page).map((part) => [part]);
    if (rowsOf(block).length > TABLE_ROWS + 3) return splitTable(block).map((part) => [part]);
    return [blocks];
  }

  // Neighboring items of one list that landed on one page are one list again.
  function mergeLists(page) {
    for (const list of page.body.querySelectorAll(":scope > ul, :scope > ol")) {
      const before = list.previousElementSibling;
      if (before?.tagName !== list.tagName || !list.dataset.piece || !before.dataset.piece) continue;
      before.append(...list.children);
      list.remove();
    }
  }

  // ---- one slide of the lecture: as many pages as it needs ----

  class Layout {
    constructor(slide, typeSize) {
      this.slide = slide;
      this.typeSize = typeSize;
      this.pages = [new Page(slide, typeSize)];
    }

    get page() {
      return this.pages.at(-1);
    }

    turn(next) {
      const carried = this.page.giveAnnouncement(next);
      this.slide.classList.remove("title");
      this.pages.push(new Page(this.slide, this.typeSize));
      this.page.body.append(...carried);
    }

    place(blocks) {
      if (!this.page.closed && (this.page.take(blocks) || this.page.takeWide(blocks))) return;
      if (!this.page.empty) this.turn(blocks[0]);
      if (this.page.take(blocks)) return;
      const pieces = split(blocks, this.page);
      if (pieces.length === 1) {
        this.page.squeeze(blocks);
        return;
      }
      for (const piece of pieces) {
        if (piece[0].matches("ul, ol")) piece[0].dataset.piece = "yes";
        this.place(piece);
      }
    }

    placePicture(figure) {
      if (!this.page.closed && placeFigure(this.page, figure)) return;
      this.turn(figure);
      if (!placeFigure(this.page, figure)) this.page.squeeze([figure]);
    }

    placeWidget(widget) {
      if (!this.page.empty) this.turn(widget);
      this.page.body.append(widget);
      this.page.closed = true;
    }

    add(part) {
      if (part.matches(".ck-embedded")) this.placeWidget(part);
      else if (part.matches("figure")) this.placePicture(part);
      else if (part.matches(".text")) for (const block of [...part.children]) this.place([block]);
      else this.place([...part.children]);
    }

    finish() {
      const notes = [...this.slide.querySelectorAll("aside.notes")];
      return this.pages.map((page, number) => {
        mergeLists(page);
        if (this.pages.length > 1 && !page.isTitle) {
          const part = element("span", "part", `${number + 1} of ${this.pages.length}`);
          page.box.querySelector("h2").append(part);
        }
        return element("section", "", page.box, ...notes.map((note) => note.cloneNode(true)));
      });
    }
  }

  function layOutSlide(slide, typeSize) {
    const layout = new Layout(slide, typeSize);
    for (const part of [...slide.querySelectorAll(":scope > .part")]) layout.add(part);
    return layout;
  }

  // One page of slightly smaller type is better than a second page with two lines on it.
  function pagesOf(slide) {
    const alive = slide.querySelector(".ck-embedded") !== null; // a live widget has no copies
    for (const size of alive ? [] : TYPE_SIZES) {
      const layout = layOutSlide(slide.cloneNode(true), size);
      if (layout.pages.length === 1) return layout.finish();
    }
    return layOutSlide(slide, 1).finish();
  }

  function layOut() {
    const slides = document.querySelector(".reveal .slides");
    const source = document.querySelector("main.document");
    for (const details of source.querySelectorAll("details")) details.open = true;
    for (const topic of source.querySelectorAll(":scope > section")) {
      const pages = [...topic.querySelectorAll(":scope > article")].flatMap(pagesOf);
      slides.append(element("section", "", ...pages));
    }
    for (const details of slides.querySelectorAll("details")) details.open = false;
    source.remove();
    stage.replaceChildren();
  }

  // ---- widgets: as large as their page allows, once they have drawn themselves ----

  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  // A widget may grow while somebody plays with it; the page does not.
  async function shrinkToPage(widget) {
    const body = widget.closest(".body");
    let zoom = Number(widget.style.zoom);
    while (zoom > 0.3 && (body.scrollHeight > body.clientHeight || body.scrollWidth > body.clientWidth)) {
      zoom *= 0.97;
      widget.style.zoom = zoom;
      await nextFrame(); // a widget may lay itself out anew for its size
    }
  }

  async function fitWidget(widget) {
    const body = widget.closest(".body");
    const page = widget.closest(".page");
    const home = page.parentElement;
    stage.append(page);
    widget.style.zoom = Math.min(body.clientWidth / widget.scrollWidth, LARGEST_ZOOM);
    await nextFrame();
    await shrinkToPage(widget);
    home.prepend(page);
    new ResizeObserver(() => shrinkToPage(widget)).observe(widget);
  }

  async function fitWidgets() {
    for (const widget of document.querySelectorAll(".page .ck-embedded")) await fitWidget(widget);
  }

  function widgetsDrawn() {
    const root = document.documentElement;
    const done = () => root.hasAttribute("data-coursekit-ready");
    if (done() || !document.querySelector(".ck-embedded")) return Promise.resolve();
    return new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        if (!done()) return;
        observer.disconnect();
        resolve();
      }).observe(root, { attributes: true });
      setTimeout(resolve, 8000); // a widget that never draws must not keep the lecture away
    });
  }

  // Paper gets the still pictures, which are drawn for it.
  function showStills() {
    for (const still of document.querySelectorAll(".ck-embedded > [data-still]")) {
      for (const live of still.parentElement.querySelectorAll(":scope > div")) live.remove();
      still.hidden = false;
    }
  }

  // Keys that a widget or a folded answer needs do not turn pages.
  function keyTurnsPages(event) {
    const focus = document.activeElement;
    if (focus?.closest(".ck-embedded")) return false;
    return !(focus?.matches("summary, a, button") && [" ", "Enter"].includes(event.key));
  }

  async function start() {
    await Promise.all([...document.fonts].map((font) => font.load()));
    layOut();
    await widgetsDrawn();
    if (/print-pdf|view=print/.test(location.search)) showStills();
    await fitWidgets();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    await Reveal.initialize({
      width: 1280,
      height: 720,
      margin: 0,
      maxScale: 4,
      center: false,
      hash: true,
      slideNumber: "c/t",
      controlsLayout: "edges",
      transition: still ? "none" : "fade",
      transitionSpeed: "fast",
      backgroundTransition: "none",
      scrollActivationWidth: null,
      pdfMaxPagesPerSlide: 1,
      keyboardCondition: keyTurnsPages,
      plugins: [RevealNotes],
    });
    document.documentElement.setAttribute("data-slides-ready", "");
  }

  start();
})();
