import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './pairing.cases.ts';

runInBothRuntimes(new URL('./pairing.cases.ts', import.meta.url), cases);
