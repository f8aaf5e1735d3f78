// Plays one payload through every field of the widget that shows something, and looks at what stands in the shadow root.
() => {
  const TAGS = new Set(
    ("section div h2 h3 p a span strong br i ul ol li time button svg path form label textarea input select option details " +
      "summary dialog").split(" "),
  );
  const ATTRIBUTES = new Set(
    ("type class role id for href target rel lang tabindex hidden datetime viewBox d fill fill-rule rows placeholder " +
      "autocomplete enterkeyhint novalidate name value required open autofocus data-choice data-connection").split(" "),
  );
  const IDS = /^(panel|title|help|tools|input|refusal|disclosure|(erase|restart)-(title|text)|verdict-\d+|(email|departement|name|message|consent)(-hint|-error)?)$/;
  const SCHEMES = new Set(["https:", "tel:", "sms:"]);

  const until = async (look, what) => {
    for (const end = performance.now() + 10_000; performance.now() < end; ) {
      if (look()) return;
      await new Promise((done) => setTimeout(done, 4));
    }
    throw new Error(`not seen: ${what}`);
  };

  const unsafe = (root) => {
    const found = [];
    for (const element of root.querySelectorAll("*")) {
      if (!TAGS.has(element.localName)) found.push(`<${element.localName}>`);
      for (const { name, value } of element.attributes) {
        const known = ATTRIBUTES.has(name) || name.startsWith("aria-") || (name === "style" && /^(--)?height: ?[\d.a-z]*;?$/.test(value));
        if (!known) found.push(`${element.localName} ${name}=${value}`);
        if (name === "id" && !IDS.test(value)) found.push(`id=${value}`);
      }
      const ours = element.href === `${location.origin}/donnees`; // the notice, over http here
      if (element.localName === "a" && !ours && !SCHEMES.has(element.protocol)) found.push(`href=${element.getAttribute("href")}`);
    }
    return found;
  };

  const play = async (payload, who) => {
    const chat = document.createElement("guichet-chat");
    const root = chat.shadowRoot;
    const $ = (selector) => root.querySelector(selector);
    const texts = (selector) => [...root.querySelectorAll(selector)].map((element) => element.textContent);
    const hidden = [];
    const shown = (field, seen) => seen || hidden.push(`${field}: ${payload}`);
    const trimmed = payload.trim();

    chat.setAttribute("service-name", payload);
    chat.setAttribute("lang", payload);
    chat.setAttribute("theme", payload);
    chat.setAttribute("identity", who);
    chat.style.opacity = "0"; // nothing to paint: the test takes half the time
    document.body.append(chat);
    await chat.open();
    await until(() => root.querySelectorAll("[role=log] > ol > li").length === 7, "the conversation");
    shown("service-name", $("h2").textContent === payload);
    shown("text of a person", texts(".said").includes(payload));
    shown("choice label", texts(".pill > span").filter((text) => text === payload).length === 6);
    shown("choice id", $(".pill").getAttribute("data-choice") === `${payload}0`);
    shown("link label", texts(".links a").some((text) => text.startsWith(payload)));
    shown("reference", texts(".answer strong").includes(payload));
    shown("checked_on", texts(".answer .note time").some((text) => text === payload || text === payload.slice(0, 10)));
    shown("at", [...root.querySelectorAll(".foot time")].some((time) => time.getAttribute("datetime") === payload));

    $("#input").value = payload;
    $(".composer").requestSubmit();
    await until(() => $("#refusal").textContent.startsWith(payload), "the refusal");
    shown("draft", $("#input").value.trim() === trimmed);
    shown("urgent", root.querySelectorAll("[role=log] > ol > .emergency").length === 2);

    [...root.querySelectorAll(".verdict button")].at(-1).click();
    await until(() => $("details"), "the reasons");
    $("details .pill").click();
    await until(() => texts("details [role=status]").includes(payload), "the refusal of a feedback");

    $(".handoff_offer .primary").click();
    await until(() => $(".form"), "the form");
    shown("departement", texts("option").some((text) => text === `${payload} – ${payload}`.replace(/[\t\n\f\r ]+/g, " ")) || texts("option").includes(`${payload} – ${payload}`));
    shown("identity departement", $("#departement").value === payload);
    shown("form message", $("#message").value.includes(payload.slice(0, 20)));
    const found = unsafe(root);
    $(".form").requestSubmit();
    await until(() => $("#email-error").textContent === payload, "the form's errors");
    shown("form errors", texts(".field > .error").filter((text) => text === payload).length === 5);
    $("#email").type = "text";
    $("#email").value = "formulaire";
    $(".form").requestSubmit();
    await until(() => texts(".form > .error").includes(payload), "the form's refusal");
    found.push(...unsafe(root));
    chat.remove();
    return { unsafe: found.map((what) => `${what} in ${payload}`), hidden };
  };

  // Several at a time: they wait for the service more than they work. None keeps a token: each begins its own conversation.
  Object.defineProperty(window, "sessionStorage", { get: () => null });
  window.playAll = async (payloads) => {
    const left = [...payloads.entries()];
    const found = [];
    const player = async () => {
      for (let next; (next = left.pop()); ) found.push(await play(next[1], String(next[0])));
    };
    await Promise.all(Array.from({ length: 8 }, player));
    return found;
  };
}
