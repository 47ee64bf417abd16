/**
 * Every requirement of the documents that pairing rests on, and the test that shows it or the reason why it does not apply. `matrix.test.ts` fails
 * when a test that is named here is not there, and when one of the tests here is named by no requirement.
 */
import type { Clause } from './clauses/clause.ts';
import { rfc6749 } from './clauses/rfc-6749.ts';
import { rfc6750 } from './clauses/rfc-6750.ts';
import { rfc7009 } from './clauses/rfc-7009.ts';
import { rfc8414 } from './clauses/rfc-8414.ts';
import { rfc8628 } from './clauses/rfc-8628.ts';
import { rfc9068 } from './clauses/rfc-9068.ts';
import { rfc9110 } from './clauses/rfc-9110.ts';
import { rfc9449Resources } from './clauses/rfc-9449-resources.ts';
import { rfc9449Tokens } from './clauses/rfc-9449-tokens.ts';
import { rfc9700 } from './clauses/rfc-9700.ts';

export const clauses: readonly Clause[] = [
  ...rfc8628,
  ...rfc8414,
  ...rfc7009,
  ...rfc9449Tokens,
  ...rfc9449Resources,
  ...rfc9700,
  ...rfc6749,
  ...rfc6750,
  ...rfc9068,
  ...rfc9110,
];
