// Papers: the button prints what the page shows, unfolded.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// On paper nothing can be unfolded.
for (const folded of document.querySelectorAll(".paper details")) folded.open = true;
