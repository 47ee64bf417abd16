/** Texts that differ from a good one in a single place: a character changed, added or taken away. */
import fc from 'fast-check';

/** What a lenient decoder is most likely to let through: other last characters, padding, the other alphabet, white space, dots. */
const likely = ['A', 'Q', 'g', 'w', '0', '4', '8', '-', '_', '.', '=', '+', '/', ' ', '\n'];

export function anyMutation(good: string): fc.Arbitrary<string> {
  const character = fc.oneof(fc.constantFrom(...likely), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }));
  return fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom(0, 1), fc.option(character, { nil: '' }))
    .map(([at, removed, put]) => good.slice(0, at) + put + good.slice(at + removed))
    .filter((text) => text !== good);
}
