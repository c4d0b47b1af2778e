/**
 * The viewer of an event's photos: big, one after the other, or before and after side by side.
 * Arrows, Escape and swiping work; without JavaScript each photo is a plain link.
 *
 * openable(panel): the links with data-photo inside open the viewer; groups are [data-group].
 */
export function openable(panel) {
  const links = [...panel.querySelectorAll("a[data-photo]")];
  if (!links.length) return;
  let viewer = null;
  if (!window.HTMLDialogElement) return; // Safari before 15.4: links lead to the files.
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-photo]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    viewer ??= build(panel);
    viewer.open(links.indexOf(link));
  });
}

function build(panel) {
  const words = panel.dataset;
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", panel.querySelector("h2").textContent);
  const groups = [...panel.querySelectorAll("[data-group]")];
  dialog.innerHTML = `
    <div class="viewer-bar"><output class="num"></output>
      <button type="button" class="side-by-side" aria-pressed="false"><i class="ti ti-columns-2" aria-hidden="true"></i><span></span></button>
      <button type="button" class="close"><i class="ti ti-x" aria-hidden="true"></i></button></div>
    <div class="viewer-stage" tabindex="-1"></div>
    <button type="button" class="step-back"><i class="ti ti-chevron-left" aria-hidden="true"></i></button>
    <button type="button" class="step-on"><i class="ti ti-chevron-right" aria-hidden="true"></i></button>`;
  const [count, compare, close, stage, back, on] = ["output", ".side-by-side", ".close", ".viewer-stage", ".step-back", ".step-on"].map(
    (selector) => dialog.querySelector(selector),
  );
  compare.querySelector("span").textContent = words.textCompare;
  compare.hidden = groups.length < 2;
  close.setAttribute("aria-label", words.textClose);
  back.setAttribute("aria-label", words.textPrevious);
  on.setAttribute("aria-label", words.textNext);

  const figures = [];
  for (const group of groups) {
    const strip = document.createElement("div");
    strip.className = "viewer-strip";
    for (const link of group.querySelectorAll("a[data-photo]")) {
      const figure = document.createElement("figure");
      const image = new Image();
      image.loading = "lazy";
      image.src = link.href;
      image.alt = link.dataset.photo;
      const caption = document.createElement("figcaption");
      caption.textContent = link.dataset.photo;
      figure.append(image, caption);
      strip.append(figure);
      figures.push(figure);
    }
    stage.append(strip);
  }
  document.body.append(dialog);

  let now = 0;
  const show = (index) => {
    now = Math.max(0, Math.min(index, figures.length - 1));
    figures[now].scrollIntoView({ block: "nearest", inline: "center" });
    told();
  };
  const told = () => {
    count.textContent = `${now + 1} / ${figures.length}`;
    back.disabled = now === 0;
    on.disabled = now === figures.length - 1;
  };
  const seen = new IntersectionObserver(
    (entries) => {
      if (dialog.classList.contains("is-compare")) return;
      for (const entry of entries) if (entry.isIntersecting) now = figures.indexOf(entry.target);
      told();
    },
    { root: stage, threshold: 0.6 },
  );
  for (const figure of figures) seen.observe(figure);

  compare.addEventListener("click", () => {
    const pressed = dialog.classList.toggle("is-compare");
    compare.setAttribute("aria-pressed", pressed);
    count.hidden = back.hidden = on.hidden = pressed;
    if (!pressed) show(now);
  });
  close.addEventListener("click", () => dialog.close());
  back.addEventListener("click", () => show(now - 1));
  on.addEventListener("click", () => show(now + 1));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(now - 1);
    else if (event.key === "ArrowRight") show(now + 1);
    else return;
    event.preventDefault();
  });
  return {
    open(index) {
      dialog.showModal();
      show(index);
    },
  };
}
