/** The words of a text that say what it is about, in lower case, each once. */
const maxWords = 32;

export function significantWords(text: string): string[] {
  const all = new Set(text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []);
  const significant = [...all].filter((word) => !common.has(word));
  return (significant.length > 0 ? significant : [...all]).slice(0, maxWords);
}

/** Words that are in every other sentence would let every memory match every question. */
const common = new Set(
  (
    'a about after again all also am an and any are as at be because been but by can could d did do does for from get got ' +
    'had has have he her here him his how i if in into is it its just know let like ll m may me my no not now of on once ' +
    'one or our out please re really remember s say she should so some t tell than that the their them then there these ' +
    'they this those to too told up us ve very was we were what when where which who whom whose why will with would you your'
  ).split(' '),
);
