import { expect, test } from 'vitest';
import { readPage } from '../../../../../local-agent/cli/dev/browser/read-page.ts';

const answer = { url: new URL('http://localhost:8787/pair'), status: 200, hidesOrigin: false };
const read = (html: string) => readPage(html, answer);

test('a page is known by its name and code, its forms by their ids', () => {
  const page = read(
    '<!doctype html><title>x</title><main data-page="error" data-code="gone"><form id="a" action="/go" method="post"></form></main>',
  );
  expect(page).toMatchObject({ name: 'error', code: 'gone', forms: [{ id: 'a', action: '/go', passkey: null }] });
  expect(read('<p>nothing</p>')).toMatchObject({ name: '', code: null, forms: [] });
});

test('a form has what stands in it, and what names it from elsewhere', () => {
  const [form, other] = read(`
    <form id="decide" action="/decide"><input type=hidden name=csrf value='a&amp;b &quot;c&#39; &#x1F600;'>
      <label><input type="checkbox" name="words_match" value="yes" checked-not></label><input name="note">
      <button name="decision" value="approve">Yes</button><input type="submit" value="nameless"></form>
    <form id="other"><input name="x" value="1"></form>
    <button form="decide" name="decision" value="deny">No</button>`).forms;
  expect(form?.controls).toEqual([
    { name: 'csrf', type: 'hidden', value: 'a&b "c\' 😀' },
    { name: 'words_match', type: 'checkbox', value: 'yes' },
    { name: 'note', type: 'text', value: '' },
    { name: 'decision', type: 'submit', value: 'approve' },
    { name: 'decision', type: 'submit', value: 'deny' },
  ]);
  expect(other).toMatchObject({ id: 'other', action: 'http://localhost:8787/pair', controls: [{ name: 'x' }] });
});

test('a passkey form has the options of its call, however they are quoted', () => {
  const [form] = read(
    `<form id="sign-in" data-passkey="get" data-options="{&quot;challenge&quot;:&quot;a>b&quot;}"></form>`,
  ).forms;
  expect(form?.passkey).toEqual({ call: 'get', options: '{"challenge":"a>b"}' });
});

test('what only looks like a page is none: comments, scripts, styles, text', () => {
  const page = read(
    '<!-- <main data-page="fake"> --><script>"<main data-page=fake>"</script><style>a{content:"<form id=x>"}</style><main data-page="real">&lt;form id="y"></main>',
  );
  expect(page).toMatchObject({ name: 'real', forms: [] });
});

test('recovery codes and the link that leads on are found', () => {
  expect(
    read(
      '<main data-page="recovery-codes"><code class="recovery-code"> AB-CD </code><code>pryx pair</code><a id="continue" href="/pair?user_code=X&amp;y=1">on</a></main>',
    ),
  ).toMatchObject({ recoveryCodes: ['AB-CD'], links: { continue: '/pair?user_code=X&y=1' } });
});
