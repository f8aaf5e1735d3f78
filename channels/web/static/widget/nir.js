/** Does a text hold a social security number? The rule of guichet/privacy/nir.py, to warn before sending. */

const GAP = "[^a-z0-9€$%|=×*+]{0,5}";
const CLOSE = "(?:[^a-z0-9€$%|:=×*+\\n]| [^a-z0-9€$%|:=×*+\\n] |  )?";
const END = "(?![a-z0-9])))";
const D = `(?:${GAP}\\d)`;
const NUMBER =
  `(?=((?:[1-478]|[il](?=${GAP}\\d\\d))${D}{4}(?:${D}{2}|${GAP}2${GAP}[ab])${D}{6}` +
  `(?:${GAP}(?:clef?|key|c)?(?!${GAP}0[1-9](?:${GAP}\\d\\d){4}(?!\\d))${D}{2}|${CLOSE}\\d)?${END}`;
const CHAIN = `(?=([1-9il](?:${CLOSE}(?:\\d|(?<=\\d)[ab]|clef?|key)){6,20}${END}`;
const CARD = /^\w\D+\d\d\D+\d\d\D+\d[\dab]\D+\d{3}\D+\d{3}(\D+\d\d?)?$/;
const BEGUN = /^[1-478]([ ./-]|  )\d\d\1(0?[1-9]|1[0-2])(\1\d\w?(\1\d{1,4}){0,4})?$/;
const WORDS =
  "\\b(?:num(?:ero)?)?(?:(?:secu|sekur|secru|so[cs]ial|immatric|provisoir)\\w*|(?:s\\.? ?s|nir|nss|nia|insee|vitale?|matricule|assuree?)\\b)";
const SAID = RegExp(WORDS);
const JUST_SAID = RegExp(`(${WORDS}|\\b(mon|ma|son|sa|notre) (numero|n°|no|num|nr|n|identifiant)\\b)\\D{0,25}$`);
const INSIDE = RegExp(`\\d${CLOSE}$`);

let warned = "";

/** Whether to warn before `text` is sent: once, for the same text sent again is what the person wants. @param {string} text */
export const warns = (text) => text !== warned && seesNir((warned = text));

/** @param {string} text @returns {boolean} */
export function seesNir(text) {
  const typed = (/** @type {string} */ word) => word.replace(/o/g, "0").replace(/[il]/g, "1");
  const read = text
    .normalize("NFKD")
    .replace(/[^\P{C}\n]|\p{M}/gu, "")
    .replace(/\p{Nd}/gu, digit)
    .toLowerCase()
    .replace(/[a-z0-9]+/g, (word) => (/^(?=[oil]*\d)(2[ab]|[\doil])+$/.test(word) ? typed(word) : word))
    .replace(/(?<=\d[ .-])[oil]{1,3}(?=[ .-][oil]*\d)/g, typed)
    .replace(/(?<![\da-z]|\d[/.-])(\d\d?([/.-])\d\d?\2(\d{4}|\d\d)|\d{4}-\d\d-\d\d)(?![\da-z]|[/.-]\d)/g, "_");
  return [NUMBER, CHAIN].some((pattern) =>
    [...read.matchAll(RegExp(pattern, "g"))].some(({ 1: written, index }) => {
      const before = read.slice(Math.max(index - 60, 0), index);
      if (/[a-z0-9]$/.test(before) && !/(nir|secu|ss|no)$/.test(before)) return false;
      const number = typed(written.replace(/clef?|key|c/g, "")).replace(/[^\dab]/g, "");
      const month = +number.slice(3, 5);
      const usual = month > 0 && month < 13 && number[0] < "3";
      if (pattern === NUMBER) {
        if (!((month > 0 && month < 13) || (month > 19 && month < 43) || month > 49) || /^.{5}00/.test(number)) return false;
        const rest = +number.slice(0, 13).replace("2a", "19").replace("2b", "18") % 97;
        return (usual && !/^[^ck]*([,;:] |\n)/.test(written) && !INSIDE.test(before)) || CARD.test(written) || (number.length > 14 && 97 - rest === +number.slice(13));
      }
      const { length } = number;
      if (length > 17 || INSIDE.test(before) || /^33\D?[1-9](\D?\d\d){4}$/.test(written)) return false;
      const proofs = +BEGUN.test(written) + +JUST_SAID.test(before);
      if (proofs > 1 || (proofs && length > 8)) return true;
      const around = before + read.slice(index + written.length).slice(0, 40);
      return length > 10 && (SAID.test(around) || (usual && length > 11 && /^(\w+$|\d\D\d\d\D)/.test(written)));
    }),
  );
}

/** @param {string} char */
function digit(char) {
  let code = Number(char.codePointAt(0));
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(--code))) value++;
  return `${value}`;
}
