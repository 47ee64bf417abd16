// Where the focus of a page is, found out inside it.
(() => {
  const usable = [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden])')].filter(
    (element) => element.checkVisibility(),
  );
  const focused = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return {
    all: usable.length,
    index: usable.indexOf(focused),
    shown: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
    what: focused.outerHTML.slice(0, 60),
  };
})();
