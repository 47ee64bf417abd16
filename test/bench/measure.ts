/** Numbers from many measurements. */

export interface Row {
  name: string;
  value: number;
  unit: 'ms' | '/s' | 'MB' | '×' | '%';
  /** What it should be at most, or at least for a rate; null where it is only told. */
  target: number | null;
  better: 'lower' | 'higher';
}

export const row = (
  name: string,
  value: number,
  unit: Row['unit'],
  target: number | null = null,
  better: Row['better'] = 'lower',
): Row => ({ name, value, unit, target, better });

export const met = ({ value, target, better }: Row): boolean | null =>
  target === null ? null : better === 'lower' ? value <= target : value >= target;

/** `share` from 0 to 1: 0.5 is the median. Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const now = (): number => performance.timeOrigin + performance.now();
