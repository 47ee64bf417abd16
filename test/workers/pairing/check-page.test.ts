import { describe, expect, test } from 'vitest';
import { checkPage } from './check-page.ts';

const good = `<!doctype html>
<html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1"><title>Page · Pryx</title></head>
<body><main data-page="x"><h1>Page</h1><form id="f" method="post" action="/x"><input type="hidden" name="csrf" value="a"><label for="n">Name</label><input id="n" name="n"><button>Go</button></form></main></body></html>`;

describe('a page', () => {
  test('that is sound has no fault', () => {
    expect(checkPage(good)).toEqual([]);
  });

  test.each([
    ['a field without a label', good.replace('for="n"', 'for="f"'), /no label/],
    ['two first headings', good.replace('<h1>', '<h1>x</h1><h1>'), /2 first headings/],
    ['a skipped heading', good.replace('</h1>', '</h1><h3>x</h3>'), /skip/],
    ['a form without a token', good.replace('name="csrf"', 'name="x"'), /token/],
    ['a form that goes elsewhere', good.replace('action="/x"', 'action="https://evil.example"'), /elsewhere/],
    ['something from another site', good.replace('<h1>', '<img src="//evil.example"><h1>'), /another site/],
    ['a handler', good.replace('<h1>', '<h1 onclick="x">'), /onclick/],
    ['an element that is not closed', good.replace('</h1>', ''), /closed/],
    ['one id twice', good.replace('<h1>', '<h1 id="n">'), /twice/],
    ['no language', good.replace(' lang="en"', ''), /language/],
    ['no title', good.replace('<title>Page · Pryx</title>', ''), /title/],
  ])('with %s is found out', (_title, html, fault) => {
    expect(checkPage(html).join('; ')).toMatch(fault);
  });
});
