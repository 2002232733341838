// Drawing in calendars, for those whose browser runs scripts; loaded by pages that have one. Every page works without it.
"use strict";
(() => {
  // A page of a day and a week names it twice.
  const page = document.documentElement;
  if (page.hasAttribute("data-drawn")) return;
  page.setAttribute("data-drawn", "");
  const each = (selector, visit, root = document) => root.querySelectorAll(selector).forEach(visit);

  // What only those read whose browser runs scripts.
  each("[data-scripted]", (part) => { part.hidden = false; });

  // In a calendar the arrows go from place to place. Drawing over free places asks for all of them; one's own booking is drawn to
  // another place, or longer by its end. By keyboard Shift draws, Space takes a booking up, Enter ends it, Escape leaves all as it was.
  each("table[data-grid]", (grid) => {
    const across = grid.dataset.grid === "across";
    const length = Number(grid.dataset.minutes) * 6e4;
    const told = grid.closest("section, main").querySelector("[data-moving]");
    const say = (text) => { told.textContent = text; };
    const moment = (text) => Date.parse(`${text}Z`);
    const local = (millis) => new Date(millis).toISOString().slice(0, 16);
    const at = (cell) => moment(cell.dataset.at);
    const end = (cell) => at(cell) + length * cell.rowSpan;
    const link = (cell) => cell?.querySelector("a");
    const free = (cell) => cell?.querySelector("a[data-from]");
    const own = (cell) => cell?.querySelector("a[data-own]");
    // The places of the same instrument that a time touches, if all of them are free or of the booking that is moved.
    const places = (from, until, near, mine) => {
      const line = across ? [...near.parentElement.cells] : [...grid.querySelectorAll("td")];
      const cells = line.filter((cell) => cell.dataset.at && at(cell) < until && end(cell) > from);
      return cells.every((cell) => free(cell) || (mine && own(cell)?.dataset.own === mine)) ? cells : [];
    };
    let hold = null;
    // What would be asked for if one let go here: its address and its places.
    const wish = (cell) => {
      if (!hold || !cell?.dataset?.at || (across && cell.parentElement !== hold.cell.parentElement)) return null;
      if (hold.how === "draw") {
        const [first, last] = at(cell) < at(hold.cell) ? [cell, hold.cell] : [hold.cell, cell];
        if (!free(first)) return null;
        const from = moment(free(first).dataset.from);
        const url = new URL(free(first).href);
        url.searchParams.set("minutes", (end(last) - from) / 6e4);
        return { url, from, until: end(last), cells: places(at(first), end(last), cell) };
      }
      const { own: form, begins, ends } = hold.link.dataset;
      const by = hold.how === "move" ? at(cell) - at(hold.cell) : 0;
      const from = moment(begins) + by;
      const until = hold.how === "move" ? moment(ends) + by : end(cell);
      if (until <= from || (from === moment(begins) && until === moment(ends))) return null;
      const url = new URL(form, location.href);
      url.searchParams.set("from", local(from));
      url.searchParams.set("minutes", (until - from) / 6e4);
      return { url, from, until, cells: places(from, until, cell, form) };
    };
    const mark = (wished) => {
      const cells = wished?.cells || [];
      each("td[data-at]", (cell) => cell.classList.toggle("picked", cells.includes(cell)), grid);
      if (wished) say(cells.length ? `${local(wished.from).slice(5).replace("T", " ")}–${local(wished.until).slice(11)}` : told.dataset.clash);
    };
    const drop = (cell, least) => {
      const wished = wish(cell);
      hold = null;
      mark(null);
      if (wished && wished.cells.length >= least) location.href = wished.url;
    };
    const leave = () => {
      if (!hold) return;
      hold.link.focus();
      hold = null;
      mark(null);
      say(told.dataset.letGo);
    };

    const next = (cell, [down, right]) => {
      let [row, column] = [cell.parentElement.rowIndex + down, cell.cellIndex + right];
      for (; row >= 0 && column >= 0 && row < grid.rows.length && column < grid.rows[0].cells.length; row += down, column += right) {
        if (link(grid.rows[row].cells[column])) return grid.rows[row].cells[column];
      }
      return null;
    };
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    grid.addEventListener("keydown", (event) => {
      const cell = event.target.closest("td, th");
      const step = steps[event.key];
      if (event.key === " " && own(cell)) {
        hold = { how: "move", cell, link: own(cell) };
        say(told.dataset.moving);
      } else if (event.key === "Escape" && hold) {
        leave();
      } else if (event.key === "Enter" && hold) {
        drop(cell, 1);
      } else if (step) {
        const other = next(cell, step);
        if (!other) return;
        if (event.shiftKey && !hold && (free(cell) || own(cell))) hold = { how: own(cell) ? "stretch" : "draw", cell, link: link(cell) };
        link(other).focus();
        if (hold) mark(wish(other));
      } else return;
      event.preventDefault();
    });
    grid.addEventListener("focusout", (event) => { if (hold && !hold.mouse && !grid.contains(event.relatedTarget)) { hold = null; mark(null); } });

    const under = (event) => event.target.closest?.("td");
    const isEdge = (cell, event) => {
      const box = cell.getBoundingClientRect();
      const isLast = ![...grid.querySelectorAll("td")].some((other) => own(other)?.dataset.own === own(cell).dataset.own && at(other) > at(cell));
      return isLast && (across ? box.right - event.clientX : box.bottom - event.clientY) < 10;
    };
    grid.addEventListener("pointerdown", (event) => {
      const cell = under(event);
      if (event.pointerType !== "mouse" || event.button !== 0 || !(free(cell) || own(cell))) return;
      hold = { how: free(cell) ? "draw" : isEdge(cell, event) ? "stretch" : "move", cell, link: link(cell), mouse: true };
    });
    grid.addEventListener("dragstart", (event) => event.preventDefault());
    grid.addEventListener("pointermove", (event) => {
      const cell = under(event);
      if (!hold && cell) cell.classList.toggle("edge", !!own(cell) && isEdge(cell, event));
    });
    grid.addEventListener("pointerover", (event) => { if (hold?.mouse) mark(under(event) === hold.cell ? null : wish(under(event))); });
    addEventListener("keydown", (event) => { if (event.key === "Escape" && hold?.mouse) leave(); });
    addEventListener("pointerup", (event) => { if (hold?.mouse) { if (under(event) === hold.cell) { hold = null; mark(null); } else drop(under(event), 1); } });
  });
})();
