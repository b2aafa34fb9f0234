(() => {
  for (const root of document.querySelectorAll(".claimcheck:not([data-ready])")) {
    root.dataset.ready = "";
    const pane = root.querySelector(".cc-left");
    const bar = root.querySelector(".cc-pair");
    const first = (claim) => root.querySelector(`[id="${root.id}-c${claim}"]`);
    const scrolls = () => pane.scrollHeight > pane.clientHeight + 1 && getComputedStyle(pane).overflowY !== "visible";
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

    const light = (claims, main) => {
      for (const old of root.querySelectorAll(".cc-on, .cc-main")) old.classList.remove("cc-on", "cc-main");
      for (const claim of claims)
        for (const piece of root.querySelectorAll(`[data-c="${claim}"]`)) {
          piece.classList.add("cc-on");
          if (claim === main) piece.classList.add("cc-main");
        }
    };

    // both places into the middle where both fit, else the main one into the upper part
    const scroll = (claims, main) => {
      const target = first(main);
      if (!target) return;
      if (!scrolls()) {
        target.scrollIntoView({ block: "center", behavior: calm });
      } else {
        const box = pane.getBoundingClientRect();
        const rects = claims.map(first).filter(Boolean).map((e) => e.getBoundingClientRect());
        const top = Math.min(...rects.map((r) => r.top));
        const bottom = Math.max(...rects.map((r) => r.bottom));
        const fits = bottom - top < box.height - 80;
        const by = fits ? (top + bottom - box.top - box.bottom) / 2 : target.getBoundingClientRect().top - box.top - box.height / 5;
        pane.scrollBy({ top: by, behavior: calm });
        pane.scrollIntoView({ block: "nearest", behavior: calm });
      }
      target.focus({ preventScroll: true });
    };

    const go = (claims, main) => {
      light(claims, main);
      bar.replaceChildren();
      bar.hidden = claims.length < 2;
      for (const claim of claims.length < 2 ? [] : claims) {
        const link = root.querySelector(`.cc-id[data-go="${claim}"]`);
        if (!link) continue;
        const copy = link.cloneNode(true);
        if (claim === main) copy.setAttribute("aria-current", "true");
        copy.addEventListener("click", (event) => {
          event.preventDefault();
          event.stopPropagation();
          go(claims, claim);
        });
        bar.append(copy);
      }
      scroll(claims, main);
    };

    root.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
      if (event.target.closest(".cc-read")) return;
      const relation = event.target.closest("[data-relation]");
      if (relation) {
        const card = root.querySelector(`[id="${root.id}-r${relation.dataset.relation}"]`);
        if (!card) return;
        event.preventDefault();
        const inText = relation.closest("[data-c]");
        const claims = card.dataset.pair.split(" ");
        light(claims, inText ? inText.dataset.c : claims[0]);
        card.scrollIntoView({ block: "center", behavior: calm });
        card.focus({ preventScroll: true });
        return;
      }
      const card = event.target.closest("[data-pair]");
      const side = event.target.closest("[data-go]");
      if (!card && !side) return;
      event.preventDefault();
      const claims = card ? card.dataset.pair.split(" ") : [side.dataset.go];
      go(claims, side ? side.dataset.go : claims[0]);
    });
  }
})();
