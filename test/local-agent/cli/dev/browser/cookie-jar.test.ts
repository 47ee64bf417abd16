import { expect, test } from 'vitest';
import { createCookieJar } from '../../../../../local-agent/cli/dev/browser/cookie-jar.ts';

const here = new URL('http://localhost:8787/pair');
const jarWith = (...lines: string[]) => {
  const jar = createCookieJar();
  jar.keep(here, lines);
  return jar;
};

test('cookies come back, the last one of a name, with whatever is in their value', () => {
  const jar = jarWith('a=1; Path=/; HttpOnly', 'b=x=y; Path=/', 'a=2; Path=/');
  expect(jar.headerFor(here)).toBe('a=2; b=x=y');
});

test('a cookie with a path goes there and below, and nowhere else', () => {
  const jar = jarWith('a=1; Path=/account');
  const sent = (path: string) => jar.headerFor(new URL(path, here));
  expect([sent('/account'), sent('/account/x'), sent('/accounts'), sent('/')]).toEqual([
    'a=1',
    'a=1',
    undefined,
    undefined,
  ]);
});

test('one that is over is gone', () => {
  const jar = jarWith('a=1; Path=/');
  jar.keep(here, ['a=; Path=/; Max-Age=0']);
  expect(jar.headerFor(here)).toBeUndefined();
});

test('this machine counts as secure, another one without TLS does not', () => {
  expect(jarWith('a=1; Secure; Path=/').headerFor(here)).toBe('a=1');
  const jar = createCookieJar();
  jar.keep(new URL('http://edge.example/'), ['a=1; Secure; Path=/']);
  expect(jar.headerFor(new URL('http://edge.example/'))).toBeUndefined();
});

test.each(['__Host-a=1; Path=/', '__Host-a=1; Secure; Path=/x', '__Host-a=1; Secure; Path=/; Domain=localhost'])(
  'a promise that is not kept drops the cookie: %s',
  (line) => {
    expect(jarWith(line).headerFor(here)).toBeUndefined();
    expect(jarWith('__Host-a=1; Secure; Path=/').headerFor(here)).toBe('__Host-a=1');
  },
);
