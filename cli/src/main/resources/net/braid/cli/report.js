// One line through all charts at the same instant, with the numbers there. The report is complete without it.
(function () {
  const charts = Array.from(document.querySelectorAll("figure[data-to]"), function (figure) {
    return {
      plot: figure.querySelector(".plot"),
      cross: figure.querySelector(".cross"),
      tip: figure.querySelector(".tip"),
      to: Number(figure.dataset.to),
      data: JSON.parse(figure.querySelector("script").textContent)
    };
  });

  function show(chart, time, withTip) {
    const share = time / chart.to;
    const visible = share > 1 ? "none" : "block";
    chart.cross.style.display = visible;
    chart.cross.style.left = 100 * share + "%";
    chart.tip.style.display = withTip ? visible : "none";
    if (!withTip) {
      return;
    }
    const sample = Math.round(time / chart.data.step);
    chart.tip.replaceChildren();
    const head = document.createElement("b");
    head.textContent = time.toFixed(2) + " s";
    chart.tip.append(head);
    for (const series of chart.data.series) {
      const value = series.values[Math.min(sample, series.values.length - 1)];
      const row = document.createElement("div");
      row.className = "key " + series.style;
      row.textContent = series.name + "  " + (value === null ? "none" : value + " " + chart.data.unit);
      chart.tip.append(row);
    }
    const right = share > 0.55;
    chart.tip.style.left = right ? "auto" : "calc(" + 100 * share + "% + 10px)";
    chart.tip.style.right = right ? "calc(" + 100 * (1 - share) + "% + 10px)" : "auto";
  }

  function hide() {
    for (const chart of charts) {
      chart.cross.style.display = "none";
      chart.tip.style.display = "none";
    }
  }

  for (const chart of charts) {
    chart.plot.addEventListener("pointermove", function (event) {
      const box = chart.plot.getBoundingClientRect();
      const time = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * chart.to;
      for (const other of charts) {
        show(other, time, other === chart);
      }
    });
    chart.plot.addEventListener("pointerleave", hide);
  }
})();
