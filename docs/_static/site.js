// On a phone a table's rows are stacked: each cell then says which column it is of.
document.querySelectorAll("table.docutils.prose").forEach((table) => {
  const columns = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
  table.querySelectorAll("tbody tr").forEach((row) => {
    [...row.cells].forEach((cell, number) => {
      if (columns[number]) cell.dataset.label = columns[number];
    });
  });
});
