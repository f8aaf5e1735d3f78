/** The words of the service's public contract and of the widget, for the JSDoc of every module. Read by tsc only: not served. */

/**
 * What a host site can set and call: <guichet-chat>.
 *
 * Attributes: `api` (origin of the service; default: that of widget.js), `label` (of the launcher), `service-name` (title of
 * the panel), `privacy-url` (https: how the host treats personal data; default: the service's page /donnees), `identity`
 * (JWT of the host site), `theme` ("light" or "dark"; default: the person's preference), `side` ("left"; default: right),
 * `lang` ("fr").
 * Events, which bubble and never carry a detail (what a person asks is health data): "guichet:open", "guichet:close",
 * "guichet:answer" (a reply came), "guichet:handoff" (a request to a counsellor is registered).
 * Custom properties, on the element or above: --guichet-<colour> and, for the dark theme, --guichet-dark-<colour> (the
 * colours are listed in widget.js), --guichet-font, --guichet-font-size, --guichet-radius, --guichet-x and --guichet-y
 * (distance from the corner), --guichet-z-index.
 */
interface GuichetChatElement extends HTMLElement {
  readonly isOpen: boolean;
  /** Opens the panel and puts the focus in the input; loads the widget the first time. */
  open(): Promise<void>;
  /** Closes the panel and keeps the conversation; the focus goes back to the launcher when it was inside. */
  close(): void;
}

type Kind =
  | "welcome" | "answer" | "clarify" | "retry" | "handoff_offer" | "handoff_done"
  | "emergency" | "out_of_scope" | "smalltalk" | "notice" | "user";

interface Link {
  id: string;
  label: string;
  url: string;
  login: boolean;
}

interface Choice {
  id: string;
  label: string;
  theme?: string;
}

interface Message {
  seq: number;
  from: "bot" | "user";
  at?: string;
  kind: Kind;
  theme: string | null;
  text: string;
  links: Link[];
  choices: Choice[];
  source?: { url: string; checked_on: string | null };
  reference?: string;
}

interface Turn {
  id: string;
  status: "done" | "pending" | "failed";
}

/** What a request for a turn brings back; the person's own message comes first. */
interface Reply {
  turn?: Turn;
  messages: Message[];
}

/** A new conversation. */
interface Start {
  token: string;
  messages: Message[];
  identity?: Identity;
}

/** What the service did not take: why, or for a form a sentence by field; and the emergency that the words speak of. */
interface Refusal {
  error?: { code: string; message: string };
  errors?: Record<string, string>;
  urgent?: Message[];
}

/** One gesture of the person: words, or the id of a choice. */
type Said = { text: string } | { choice: string };

interface Identity {
  email?: string;
  departement?: string;
}

interface Handoff {
  id: string;
  email: string;
  departement: string;
  name?: string;
  message: string;
  consent: boolean;
}

interface Departement {
  code: string;
  nom: string;
}

type Panel = import("./panel.js").Panel;
/** As the person is told: gone; gone while something is being sent; tried again at their wish; works again. */
type ConnectionState = "" | "lost" | "unsent" | "trying" | "back";

type Connection = import("./connection.js").Connection;
type Transport = import("./transport.js").Transport;
type Saved = import("./saved.js").Saved;
type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What the buttons and links of a message do. */
interface MessageHandlers {
  onChoice(choice: Choice): void;
  /** A téléservice was opened. */
  onLink(message: Message, teleservice: string): void;
  /** The hand-off form is asked for. */
  onWrite(): void;
  /** Why the answer `seq` did not suit. */
  onReason(seq: number, reason: string): Promise<void>;
  /** Whether it could be copied. */
  onCopy(message: Message): Promise<boolean>;
}

interface PanelHandlers extends MessageHandlers {
  onSubmit(): void;
  /** The connection is lost: try again now. */
  onRetry(): void;
  /** The connection is lost: stop sending, give the words back. */
  onGiveUp(): void;
  onClose(): void;
  onErase(): void;
  onRestart(): void;
  onSave(): void;
  onPrint(): void;
}

interface PanelOptions {
  api: string;
  name: string | null;
  lang: string;
  privacy: string | null;
  /** The host site's JWT. */
  identity(): string | null;
  onClose(): void;
  onAnswer(): void;
  onHandoff(): void;
}

interface FormOptions {
  prefill: Partial<Record<"email" | "departement" | "message", string>>;
  /** Empty when the list could not be read. */
  departements: Departement[];
  send(form: Handoff): Promise<unknown>;
  onBack(): void;
}
