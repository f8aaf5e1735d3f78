/** Reads a list of messages: their order, which choice a message tells, what was refused. Pure functions. */

/**
 * By seq; in the replies to one turn, an emergency comes first.
 * @param {Iterable<Message>} messages
 * @returns {Message[]}
 */
export function ordered(messages) {
  /** @type {Message[]} */
  const out = [];
  let turn = 0;
  for (const message of [...messages].sort((a, b) => a.seq - b.seq)) {
    if (message.from === "user") turn = out.length + 1;
    if (message.kind === "emergency") out.splice(turn++, 0, message);
    else out.push(message);
  }
  return out;
}

/**
 * The «Oui, merci» and «Non» that end an answer's choices.
 * @param {Message} message
 * @returns {{yes: Choice, no: Choice} | null}
 */
export function verdict(message) {
  const [yes, no] = message.choices.slice(-2);
  return message.kind === "answer" && no && /^oui\b/i.test(yes.label) && /^non$/i.test(no.label) ? { yes, no } : null;
}

/**
 * The choice that a message of the person tells: the one of that id, else the nearest earlier one of that label.
 * @param {Message[]} messages in order
 * @param {Message} said
 * @param {string} [id]
 */
export function told(messages, said, id) {
  return offered(messages)
    .filter(({ owner }) => owner.seq < said.seq)
    .findLast(({ choice }) => (id ? choice.id === id : choice.label === said.text));
}

/**
 * What the person last typed or chose, without the «Non», «Oui, merci» and the like: the seed of a hand-off.
 * @param {Message[]} messages in order
 */
export function summary(messages) {
  const replies = new Set(offered(messages).flatMap(({ choice }) => (choice.theme ? [] : [choice.label])));
  const said = messages.filter((message) => message.from === "user" && !replies.has(message.text));
  return said.slice(-3).map((message) => message.text).join("\n");
}

/** @param {Message[]} messages */
function offered(messages) {
  return messages.flatMap((owner) => owner.choices.map((choice) => ({ owner, choice })));
}
