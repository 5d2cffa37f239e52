// What can be measured of a card where it stands: run in the page, with the card's <article> as `card`.
(card) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // The browser itself lays one colour over another, in whatever notation a style sheet has them.
  const laid = (layers) => {
    canvas.globalAlpha = 1;
    canvas.fillStyle = "white";
    canvas.fillRect(0, 0, 1, 1);
    for (const [colour, alpha] of layers) {
      canvas.globalAlpha = alpha;
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  // WCAG 2's relative luminance.
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  // What is asked of an element once is kept: a text has dozens of ancestors, most of them others' as well.
  const kept = (ask) => {
    const known = new Map();
    return (element) => {
      if (!known.has(element)) known.set(element, ask(element));
      return known.get(element);
    };
  };
  const style = kept((element) => {
    const { opacity, backgroundColor, color, fill, fillOpacity } = getComputedStyle(element);
    return { opacity: Number(opacity), backgroundColor, color, fill, fillOpacity: Number(fillOpacity) };
  });
  const opacity = kept((element) =>
    element ? opacity(element.parentElement) * style(element).opacity : 1,
  );
  const contains = (box, x, y) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;

  const shapes = kept((picture) =>
    [...picture.querySelectorAll("rect, circle, ellipse, polygon, path")]
      .filter((shape) => !shape.closest("defs") && style(shape).fill !== "none")
      .map((shape) => [shape, shape.getBoundingClientRect()]),
  );
  // The shapes of a picture that lie below a text of it, lowest first.
  const below = (text) => {
    const box = text.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    return shapes(text.ownerSVGElement)
      .filter(
        ([shape, place]) =>
          contains(place, x, y) &&
          shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING,
      )
      .map(([shape]) => shape);
  };
  const page = kept((element) => {
    if (!element) return [];
    const layers = page(element.parentElement);
    return element instanceof SVGElement
      ? layers
      : [...layers, [style(element).backgroundColor, opacity(element)]];
  });
  const paper = (element) => {
    const layers = [...page(element)];
    if (element instanceof SVGElement) {
      for (const shape of below(element)) {
        layers.push([style(shape).fill, opacity(shape) * style(shape).fillOpacity]);
      }
    }
    return layers;
  };
  const ink = (element) =>
    element instanceof SVGElement
      ? [style(element).fill, opacity(element) * style(element).fillOpacity]
      : [style(element).color, opacity(element)];

  const texts = [];
  const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const said = walker.currentNode.textContent.trim();
    if (!said || element.closest("style, svg title, svg desc") || !element.checkVisibility()) continue;
    const layers = paper(element);
    texts.push([said, contrast(laid(layers), laid([...layers, ink(element)]))]);
  }

  const box = card.getBoundingClientRect();
  const area = card.closest(".jp-OutputArea-output").getBoundingClientRect();
  const beyond = (inner, outer) => Math.max(outer.left - inner.left, inner.right - outer.right, 0);
  const shown = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true }) ? [width, height] : [0, 0];
  };
  const cut = [card, ...card.querySelectorAll("*")].filter(
    (element) =>
      element instanceof HTMLElement &&
      getComputedStyle(element).overflow !== "visible" &&
      (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1),
  );
  return {
    language: card.lang,
    text: card.innerText,
    html: card.outerHTML,
    texts,
    pictures: [...card.querySelectorAll("figure svg")].map(shown),
    opened: [...card.querySelectorAll("details")].map((details) => details.open),
    unfolded: [...card.querySelectorAll("details > :not(summary)")].map(shown),
    cut: cut.map((element) => element.className),
    beyond_output: beyond(box, area),
    beyond_page: Math.max(document.documentElement.scrollWidth - window.innerWidth, 0),
  };
}
