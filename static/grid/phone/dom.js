/** Building screens from the shell's templates: the words stand there, the code only puts values in. */

/** A copy of `<template id="t-name">`'s only element. */
export function fromTemplate(name) {
  return document.getElementById(`t-${name}`).content.firstElementChild.cloneNode(true);
}

export const find = (root, name) => root.querySelector(`[data-${name}]`);

/** Texts by the name of their place, `data-put="name"`; a place without a text is hidden. */
export function put(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    for (const place of root.querySelectorAll(`[data-put="${name}"]`)) {
      place.textContent = text ?? "";
      place.hidden = !text && text !== 0;
    }
  }
  return root;
}

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** One of the app's icons, drawn in the colour of the text. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}
