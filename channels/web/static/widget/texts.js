/** Every French sentence of the widget that the service does not send. Spaces before : ; ! ? are non-breaking. */

export const PHONE = "36\u00a046";
const NUMBERS = `En cas d’urgence, appelez le [15](tel:15) ou le [112](tel:112)\u202f; sinon, le [${PHONE}](tel:3646).`;

export const TEXTS = Object.freeze({
  title: "Assistant automatique",
  close: "Fermer",
  erase: "Effacer et quitter",
  intro: "Vous écrivez à un programme, pas à une personne. Vos messages sont enregistrés pour vous répondre. «\u00a0Effacer et quitter\u00a0» les supprime.",
  privacy: "Vos données",
  log: "Conversation",
  messages: "Messages",
  user: "Vous",
  bot: "Assistant",
  input: "Votre question",
  placeholder: "Écrivez votre question",
  send: "Envoyer",
  disclosure: "N’écrivez pas votre numéro de sécurité sociale.",
  loading: "Ouverture de la conversation…",
  typing: "L’assistant prépare sa réponse…",
  busy: "Un instant\u00a0: votre message précédent est en cours d’envoi.",
  newTab: "(nouvel onglet)",
  login: "Connexion au compte ameli nécessaire",
  /** @param {string} site */
  source: (site) => `Source\u00a0: ${site}`,
  checked: "vérifié le",
  /** @param {string} site */
  toCheck: (site) => `À vérifier sur ${site}`,
  helped: "Cette réponse vous aide-t-elle\u202f?",
  reference: "Référence",

  helpTitle: "Autres moyens d’être aidé",
  helpPhone: `Appeler le ${PHONE}`,
  helpPhoneNote: "Service gratuit, prix d’un appel.",
  helpFranceServices: "Trouver un espace France services",
  helpFranceServicesNote: "Une personne vous aide, près de chez vous.",
  helpCounter: "Trouver l’accueil de votre caisse",
  helpCounterNote: "Adresses et horaires sur ameli.fr.",

  toolsTitle: "Options",
  restart: "Recommencer",
  print: "Imprimer la conversation",
  save: "Télécharger la conversation",
  saveNote: "Le fichier reste sur cet appareil. Supprimez-le si d’autres personnes l’utilisent.",
  saved: "Conversation téléchargée.",
  transcript: "Conversation avec l’assistant automatique",
  /** @param {string} date @param {string} time */
  savedOn: (date, time) => `Enregistrée le ${date} à ${time}. Les réponses peuvent changer\u00a0: vérifiez leur source.`,
  copy: "Copier",
  copyWhat: "cette réponse",
  copied: "Copié",
  copyDone: "Réponse copiée.",
  copyFailed: "La copie n’a pas marché. Sélectionnez le texte, puis copiez-le.",

  whyTitle: "Dire ce qui n’allait pas (facultatif)",
  whyThanks: "Merci, c’est noté.",
  why: Object.freeze({
    incomplete: "Réponse incomplète",
    fausse: "Information fausse",
    pas_claire: "Pas claire",
    hors_sujet: "Hors sujet",
    lien_mort: "Un lien ne marche pas",
  }),

  eraseTitle: "Effacer la conversation\u202f?",
  eraseText: "Vos messages seront effacés.",
  eraseReference: "Si vous avez écrit à un conseiller, il garde votre demande\u00a0: notez d’abord votre référence.",
  eraseConfirm: "Oui, effacer et quitter",
  eraseCancel: "Non, continuer",
  eraseFailed: "La conversation n’a pas pu être effacée. Vérifiez votre connexion, puis réessayez.",
  eraseLeave: "Effacer sur cet appareil seulement",
  restartTitle: "Recommencer la conversation\u202f?",
  restartText: "Vos messages seront effacés et une nouvelle conversation commencera.",
  restartConfirm: "Oui, recommencer",
  restarted: "Nouvelle conversation.",

  formButton: "Écrire à un conseiller",
  formIntro: "Un conseiller vous répondra par e-mail. Il recevra notre conversation\u00a0: vous n’aurez rien à répéter.",
  formRequired: "Tous les champs sont obligatoires, sauf mention contraire.",
  formBack: "Revenir à la conversation",
  formEmail: "Votre adresse e-mail",
  formEmailHint: "Par exemple\u00a0: prenom.nom@exemple.fr",
  formDepartement: "Votre département",
  formDepartementHint: "Il indique quelle caisse doit vous répondre.",
  formDepartementNumber: "Écrivez son numéro. Par exemple\u00a0: 59",
  formDepartementEmpty: "Choisissez dans la liste",
  formName: "Votre nom (facultatif)",
  formMessage: "Votre demande",
  formMessageHint: "Relisez et corrigez si besoin. N’écrivez pas votre numéro de sécurité sociale.",
  formConsent: "J’accepte que ma demande, mes coordonnées et cette conversation soient transmises à un conseiller, pour me répondre.",
  formSend: "Envoyer ma demande",
  formSending: "Envoi en cours…",
  formInvalid: "La demande n’est pas encore envoyée\u00a0: corrigez les champs signalés.",

  lost: `Connexion perdue. Vous pouvez continuer à écrire\u00a0: rien ne sera perdu. ${NUMBERS}`,
  unsent: `Connexion perdue. Votre message est gardé\u00a0: il partira dès qu’elle sera rétablie. ${NUMBERS}`,
  trying: `Nouvel essai… ${NUMBERS}`,
  back: "Connexion rétablie.",
  notSent: "Pas encore envoyé",
  giveUp: "Reprendre mon texte",
  retry: "Réessayer",
  callInstead: `Vous pouvez aussi appeler le ${PHONE}.`,
  expired: "Votre conversation précédente a expiré. Une nouvelle conversation commence.",
  askAgain: "Posez de nouveau votre question.",
  draftKept: "Votre texte est gardé\u00a0: envoyez-le de nouveau.",
  offline: "Le service ne répond pas\u00a0: rien n’est perdu. Réessayez dans un moment.",
  unavailable: `Le service est indisponible pour le moment. Réessayez dans quelques minutes\u00a0: votre texte est gardé. Vous pouvez aussi appeler le ${PHONE}.`,
  refused: `Votre demande n’a pas pu être traitée. Vous pouvez aussi appeler le ${PHONE}.`,
  late: `La réponse tarde. Votre message est bien enregistré. Réessayez dans quelques minutes, ou appelez le ${PHONE}.`,
  empty: "Écrivez votre question, puis envoyez.",
  number: "Votre texte semble contenir un numéro de sécurité sociale. Supprimez-le\u00a0: il est inutile ici. Ou envoyez de nouveau\u00a0: il sera masqué.",
});

/** Ways to be helped that never depend on this service. */
export const HELP = Object.freeze([
  { label: TEXTS.helpPhone, note: TEXTS.helpPhoneNote, url: "tel:3646" },
  { label: TEXTS.helpFranceServices, note: TEXTS.helpFranceServicesNote, url: "https://www.france-services.gouv.fr/" },
  {
    label: TEXTS.helpCounter,
    note: TEXTS.helpCounterNote,
    url: "https://www.ameli.fr/assure/adresses-et-contacts/points-accueil-et-agences-cpam",
  },
]);

/**
 * "2026-05-12" -> "12 mai 2026" ; the first of a month is "1er".
 * @param {string} iso
 */
export function frenchDate(iso) {
  const date = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return iso;
  const text = date.toLocaleDateString("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return text.replace(/^1 /, "1er ").replaceAll(" ", "\u00a0");
}

/**
 * The hour of a message, in the person's own time zone: "14:05".
 * @param {string} iso
 */
export function hour(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });
}
