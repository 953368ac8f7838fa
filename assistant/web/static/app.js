import { initAll } from "./vendor/govuk-frontend.js";

initAll();

const first = document.querySelector("[data-focus]");
if (first) {
  first.setAttribute("tabindex", "-1");
  first.focus({ preventScroll: first.dataset.focus !== "scroll" });
}

for (const link of document.querySelectorAll("[data-print]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.print();
  });
}

const leaving = document.querySelector(".govuk-js-exit-this-page-button");
const cover = () => {
  document.title = "";
  document.body.replaceChildren();
};
if (leaving) {
  leaving.addEventListener("click", () => setTimeout(cover, 0));
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    cover();
    window.location.reload();
  }
});
