// What a browser shows of a page, found out inside it. WCAG 2.2: reflow (1.4.10), contrast (1.4.3), target size (2.5.5), names (4.1.2).
(() => {
  const faults = [];
  const describe = (element) =>
    `<${element.tagName.toLowerCase()}> "${(element.textContent || element.getAttribute('name') || '').trim().slice(0, 40)}"`;
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility();
  };
  const colour = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (rgb) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [r = 0, g = 0, b = 0, alpha = 1] = colour(getComputedStyle(at).backgroundColor);
      if (alpha > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`it is ${scrollWidth - clientWidth} pixels too wide`);

  for (const element of document.querySelectorAll('button, a.button, summary, input:not([type=hidden])')) {
    if (!seen(element)) continue;
    // A box to tick is hit by way of its label.
    const target = element.matches('[type=checkbox]') ? (element.closest('label') ?? element) : element;
    const { height } = target.getBoundingClientRect();
    if (height < 44) faults.push(`${describe(element)} is ${height} pixels high`);
  }
  for (const input of document.querySelectorAll('input:not([type=hidden])'))
    if ((input.labels?.length ?? 0) === 0) faults.push(`${describe(input)} has no label`);

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element === null || (node.textContent ?? '').trim() === '' || !seen(element)) continue;
    if (element.closest('script, style, noscript, svg, [aria-hidden=true]') !== null) continue;
    const [bright = 0, dark = 0] = [
      luminance(colour(getComputedStyle(element).color)),
      luminance(ground(element)),
    ].sort((one, other) => other - one);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faults.push(`${describe(element)} has a contrast of ${contrast.toFixed(2)}`);
  }
  return faults;
})();
