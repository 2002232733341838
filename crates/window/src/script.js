// Short ways for those whose browser runs scripts. Every page works without it; nothing here has words of its own.
"use strict";
(() => {
  const each = (selector, visit, root = document) => root.querySelectorAll(selector).forEach(visit);
  const narrow = matchMedia("(max-width: 57.99rem)");

  // The list of faults takes the focus.
  document.querySelector("[data-focus]")?.focus();

  // On small windows the panel of facets starts closed, unless something is chosen in it.
  if (narrow.matches) each("details[data-fold]", (panel) => { panel.open = false; });

  // Escape closes the menu.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // A form is sent once. The registry would answer the second press with the same receipt; this only spares it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    each("button", (button) => button.setAttribute("aria-disabled", "true"), form);
  });
  addEventListener("pageshow", () => each("[data-sent]", (form) => {
    delete form.dataset.sent;
    each("button", (button) => button.removeAttribute("aria-disabled"), form);
  }));

  // What is typed is kept as a draft after a pause, and when one leaves. Whoever sends the form keeps nothing more.
  each("form[data-keep]", (form) => {
    const told = form.querySelector("[data-kept]");
    let timer = 0;
    let changed = false;
    let sending = null;
    const keep = async (leaving) => {
      clearTimeout(timer);
      if (!changed || sending) return;
      changed = false;
      const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "draft");
      const body = new URLSearchParams([...typed, ["draft", "quiet"]]);
      sending = new AbortController();
      try {
        const answer = await fetch(form.action, { method: "POST", body, signal: sending.signal, keepalive: leaving && body.toString().length < 60000, redirect: "error", headers: { accept: "application/json" } });
        const { drafted, said } = await answer.json();
        if (drafted) form.elements.drafted.value = drafted;
        told.textContent = said;
      } catch { told.textContent = form.dataset.keep; }
      sending = null;
      if (changed && !leaving) timer = setTimeout(keep, 4000);
    };
    form.addEventListener("input", () => { changed = true; clearTimeout(timer); timer = setTimeout(keep, 2500); });
    form.addEventListener("submit", () => { changed = false; clearTimeout(timer); sending?.abort(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  });

  // Alt and a letter follow the link that names the key.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const link = document.querySelector(`a[data-alt="${CSS.escape(event.code)}"]`);
    if (link) { event.preventDefault(); link.click(); }
  });

  // The weighted total while one scores; Enter goes on to the next score, from the last one to the comment.
  each("form[data-weighted]", (form) => {
    const scores = [...form.querySelectorAll("input[data-weight]")];
    const total = form.querySelector("[data-total]");
    const show = () => {
      const whole = scores.every((input) => /^\d{1,3}$/.test(input.value.trim()) && Number(input.value) <= 100);
      const sum = scores.reduce((sum, input) => sum + Number(input.value) * Number(input.dataset.weight), 0);
      total.textContent = whole ? (sum / 100).toFixed(2) : "—";
    };
    scores.forEach((input, place) => input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      (scores[place + 1] || form.querySelector("textarea")).focus();
    }));
    form.addEventListener("input", show);
    show();
  });

  // Empty rows of a list are put away, and a button brings them back one by one.
  each("ol.rows[data-add]", (list) => {
    const spare = [...list.children].filter((row) => row.hasAttribute("data-blank"));
    if (spare.length === list.children.length) spare.shift();
    if (!spare.length) return;
    spare.forEach((row) => { row.hidden = true; });
    const add = document.createElement("button");
    add.type = "button";
    add.textContent = list.dataset.add;
    add.addEventListener("click", () => {
      const row = spare.shift();
      row.hidden = false;
      row.querySelector("input, select, textarea")?.focus();
      if (!spare.length) add.remove();
    });
    list.after(add);
  });

  // An amount is written out in full while it is typed: 30万 becomes 300,000.
  const units = { 万: 1e4, 亿: 1e8 };
  each("[data-money]", (box) => {
    const input = box.querySelector("input");
    const output = box.querySelector("output");
    const show = () => {
      const match = input.value.normalize("NFKC").replace(/[,\s]/g, "").match(/^(\d+(?:\.\d+)?)([万亿]?)元?$/);
      const amount = match ? Number(match[1]) * (units[match[2]] || 1) : NaN;
      const told = amount < 1e13 ? amount.toLocaleString("en", { maximumFractionDigits: 2 }) : "";
      output.textContent = told && told !== input.value ? `= ${told}` : "";
    };
    input.addEventListener("input", show);
    show();
  });

  // Suggestions for a record or a region, asked for while one types.
  each("input[data-lookup]", (input) => {
    const list = document.getElementById(input.getAttribute("list"));
    let timer = 0;
    let last = "";
    const ask = async () => {
      const q = input.value.trim();
      if (!q || q === last) return;
      last = q;
      const url = new URL(input.dataset.lookup, location.href);
      url.searchParams.set("q", q);
      try {
        const answer = await fetch(url, { headers: { accept: "application/json" } });
        const found = answer.ok ? await answer.json() : [];
        if (q !== last || !Array.isArray(found)) return;
        list.replaceChildren(...found.slice(0, 20).map(({ value, label }) => new Option(label, value)));
      } catch { /* Typing goes on without suggestions. */ }
    };
    const named = input.parentElement.querySelector("output.named");
    const name = () => { named.textContent = [...list.options].find((option) => option.value === input.value.trim())?.label || ""; };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => ask().then(name), 250); name(); });
  });

  // Parts that are sent again while one watches. Someone who is typing in a part keeps it as it is.
  each("[data-live]", (part) => {
    const source = new EventSource(part.dataset.live);
    source.addEventListener("message", (event) => {
      if (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return;
      part.innerHTML = event.data;
      part.classList.remove("changed");
      requestAnimationFrame(() => part.classList.add("changed"));
    });
  });

  // The time that is left, counted down in hours, minutes and seconds.
  const clocks = document.querySelectorAll("time[data-countdown]");
  if (clocks.length) {
    const two = (number) => String(number).padStart(2, "0");
    const tick = () => clocks.forEach((clock) => {
      const left = Math.max(0, Math.floor((Date.parse(clock.dateTime) - Date.now()) / 1000));
      if (left < 86400) clock.textContent = `${two(Math.floor(left / 3600))}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
    });
    tick();
    setInterval(tick, 1000);
  }

  // Passkeys: the browser asks the device, and the form carries the answer.
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const asked = ({ passkey, challenge, host, handle, name }) => {
    const shared = { challenge: bytes(challenge), timeout: 120000 };
    if (passkey === "get") return navigator.credentials.get({ publicKey: { ...shared, rpId: host, userVerification: "required" } });
    return navigator.credentials.create({ publicKey: {
      ...shared,
      rp: { id: host, name: host },
      user: { id: bytes(handle), name, displayName: name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    } });
  };
  if (window.PublicKeyCredential) each("form[data-passkey]", (form) => {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      try {
        const { rawId, response } = await asked(form.dataset);
        const filled = {
          credential: rawId, client: response.clientDataJSON, attestation: response.attestationObject,
          data: response.authenticatorData, signature: response.signature, handle: response.userHandle,
        };
        for (const [name, buffer] of Object.entries(filled)) if (buffer) form.elements[name].value = encode(buffer);
        form.submit();
      } catch { failed.hidden = false; }
    });
  });
})();
