// Runs the widgets of a page that has no kernel: finds the snapshots that the page carries, gives
// each a model, and renders it. Works from a file, without a network. A classic script.

(() => {
  const MIME = "application/vnd.coursekit.widget+json";

  function bytesOf(base64) {
    return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  }

  // A value of a snapshot as a notebook would send it: arrays, at any depth, with their bytes.
  function unpacked(value) {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(unpacked);
    if ("base64" in value) {
      const data = new DataView(bytesOf(value.base64).buffer);
      return { shape: value.shape, dtype: value.dtype, data };
    }
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unpacked(part)]));
  }

  // The part of anywidget's model that a widget uses: get, set, on, off, save_changes, send.
  function model(state) {
    const values = new Map(Object.entries(state).map(([name, value]) => [name, unpacked(value)]));
    const listeners = new Map();
    const call = (event, ...details) => {
      for (const callback of [...(listeners.get(event) ?? [])]) callback(...details);
    };
    const shim = {
      get: (name) => values.get(name),
      set(name, value) {
        if (Object.is(values.get(name), value)) return;
        values.set(name, value);
        call(`change:${name}`, shim, value);
        call("change", shim);
      },
      on(event, callback) {
        listeners.set(event, [...(listeners.get(event) ?? []), callback]);
      },
      off(event, callback) {
        const kept = (listeners.get(event) ?? []).filter((each) => callback && each !== callback);
        listeners.set(event, kept);
      },
      save_changes() {},
      send() {},
    };
    return shim;
  }

  // One module of each text, however many widgets share it.
  const modules = new Map();
  function imported(text) {
    if (!modules.has(text)) {
      const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`;
      modules.set(text, import(url));
    }
    return modules.get(text);
  }

  function addStyle(text) {
    const known = [...document.querySelectorAll("style[data-coursekit]")];
    if (known.some((style) => style.textContent === text)) return;
    const style = document.createElement("style");
    style.dataset.coursekit = "";
    style.textContent = text;
    document.head.append(style);
  }

  // The still picture beside a snapshot stays until the widget has drawn itself, and for good
  // where it cannot.
  async function run(script) {
    const { module, css, state } = JSON.parse(script.textContent);
    const holder = document.createElement("div");
    addStyle(css);
    const { default: widget } = await imported(module);
    script.after(holder);
    try {
      await widget.render({ model: model(state), el: holder });
    } catch (error) {
      holder.remove();
      throw error;
    }
    for (const still of script.parentElement.querySelectorAll("[data-still]")) still.hidden = true;
  }

  function runAll() {
    const scripts = document.querySelectorAll(`script[type="${MIME}"]`);
    const report = (error) => console.error("a widget of this page could not start:", error);
    const all = [...scripts].map((script) => run(script).catch(report));
    return Promise.all(all).then(() => document.documentElement.setAttribute("data-coursekit-ready", ""));
  }

  if (typeof document === "undefined") globalThis.coursekitHost = { model };
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", runAll);
  else runAll();
})();
