/** Dates as people read them, in the time zone of this machine. By hand, since `Intl` costs megabytes that nothing else here needs. */
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const two = (value: number): string => String(value).padStart(2, '0');

/** `Friday, 20 November 2026`. */
export function sayDate(at: number): string {
  const date = new Date(at);
  return `${weekdays[date.getDay()]}, ${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`;
}

/** `17:19 (UTC+01:00)`. */
export function sayTime(at: number): string {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  const zone = `UTC${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${two(date.getHours())}:${two(date.getMinutes())} (${zone})`;
}
