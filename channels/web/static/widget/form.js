/** The hand-off form: writes to a counsellor. The service checks the fields; this shows what it says under each. */
import { callable, h, icon } from "./dom.js";
import { blocks } from "./markdown.js";
import { warns } from "./nir.js";
import { TEXTS } from "./texts.js";
import { ServiceError, uuid } from "./transport.js";

const FIELDS = /** @type {const} */ (["email", "departement", "name", "message", "consent"]);

export class Form {
  #id = uuid(); // kept over repeats of the same submission
  #sending = false;
  /** @type {Map<string, Field>} */
  #fields = new Map();
  #heading = h("h3", { tabindex: "-1" }, TEXTS.formButton);
  #refusal = h("p", { role: "alert", class: "error" });
  #urgent = h("div", { role: "alert", class: "message bot emergency", tabindex: "-1" });
  #submit = h("button", { type: "submit", class: "primary" }, TEXTS.formSend);

  /** @param {FormOptions} options */
  constructor({ prefill, departements, send, onBack }) {
    this.send = send;
    this.element = h(
      "form",
      { novalidate: true, class: "form", "aria-label": TEXTS.formButton, onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
      h("button", { type: "button", class: "quiet back", onclick: onBack }, icon("back"), TEXTS.formBack),
      this.#heading,
      h("p", {}, TEXTS.formIntro),
      h("p", { class: "note" }, TEXTS.formRequired),
      this.#urgent,
      this.#field("email", TEXTS.formEmail, h("input", { type: "email", autocomplete: "email", required: true }), TEXTS.formEmailHint),
      departements.length
        ? this.#field("departement", TEXTS.formDepartement, list(departements), TEXTS.formDepartementHint)
        : this.#field("departement", TEXTS.formDepartement, h("input", { required: true }), TEXTS.formDepartementNumber),
      this.#field("name", TEXTS.formName, h("input", { autocomplete: "name" })),
      this.#field("message", TEXTS.formMessage, h("textarea", { rows: "5", required: true }), TEXTS.formMessageHint),
      this.#consent(),
      this.#refusal,
      this.#submit,
    );
    for (const [name, value] of Object.entries(prefill)) if (value) this.#value(name, value);
  }

  focus() {
    this.#heading.focus();
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault();
    if (this.#sending) return;
    this.#clear();
    const message = this.#value("message");
    if (warns(message)) return this.#show(new ServiceError(0, "", { errors: { message: TEXTS.number } }));
    this.#busy(true);
    const name = this.#value("name").trim();
    try {
      await this.send({
        id: this.#id,
        email: this.#value("email").trim(),
        departement: this.#value("departement").trim(),
        ...(name && { name }),
        message,
        consent: /** @type {HTMLInputElement} */ (this.#fields.get("consent")).checked,
      });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#show(error);
    } finally {
      this.#busy(false);
    }
  }

  /** @param {ServiceError} error */
  #show(error) {
    const wrong = FIELDS.filter((name) => error.errors?.[name]);
    for (const name of wrong) {
      this.#fields.get(name)?.setAttribute("aria-invalid", "true");
      this.element.querySelector(`#${name}-error`)?.replaceChildren(String(error.errors?.[name]));
    }
    const urgent = error.urgent.map(({ text: said }) => h("div", { class: "body" }, ...blocks(said)));
    this.#urgent.replaceChildren(...urgent);
    const text = error.status === 401 ? `${TEXTS.expired} ${TEXTS.draftKept}` : error.message;
    this.#refusal.replaceChildren(...callable(wrong.length ? TEXTS.formInvalid : text));
    if (urgent.length) this.#urgent.focus();
    else if (wrong.length) this.#fields.get(wrong[0])?.focus();
  }

  #clear() {
    this.#refusal.replaceChildren();
    this.#urgent.replaceChildren();
    for (const [name, field] of this.#fields) {
      field.removeAttribute("aria-invalid");
      this.element.querySelector(`#${name}-error`)?.replaceChildren();
    }
  }

  /** @param {boolean} sending */
  #busy(sending) {
    this.#sending = sending;
    this.#submit.setAttribute("aria-disabled", String(sending));
    this.#submit.textContent = sending ? TEXTS.formSending : TEXTS.formSend;
  }

  /** @param {string} name @param {string} [value] */
  #value(name, value) {
    const field = /** @type {Field} */ (this.#fields.get(name));
    if (value !== undefined) field.value = value;
    return field.value;
  }

  /** @param {string} name @param {string} label @param {Field} field @param {string} [hint] */
  #field(name, label, field, hint) {
    field.id = name;
    field.setAttribute("name", name);
    field.setAttribute("aria-describedby", `${hint ? `${name}-hint ` : ""}${name}-error`);
    this.#fields.set(name, field);
    return h(
      "div",
      { class: "field" },
      h("label", { for: name }, label),
      hint && h("p", { class: "note", id: `${name}-hint` }, hint),
      field,
      h("p", { class: "error", id: `${name}-error` }),
    );
  }

  #consent() {
    const box = h("input", { type: "checkbox", id: "consent", name: "consent", required: true, "aria-describedby": "consent-error" });
    this.#fields.set("consent", box);
    return h(
      "div",
      { class: "field" },
      h("label", { class: "box", for: "consent" }, box, h("span", {}, TEXTS.formConsent)),
      h("p", { class: "error", id: "consent-error" }),
    );
  }
}

/** @param {Departement[]} departements */
function list(departements) {
  const options = departements.map(({ code, nom }) => h("option", { value: code }, `${code} – ${nom}`));
  return h("select", { required: true }, h("option", { value: "" }, TEXTS.formDepartementEmpty), ...options);
}
