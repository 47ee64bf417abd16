/** What is wrong with a page, as far as its HTML says: for those who hear it or type, and for the policy that it stands under. */

const emptyElements = new Set(['meta', 'link', 'input', 'br', 'rect', 'path', 'circle']);

interface Tag {
  name: string;
  attributes: ReadonlyMap<string, string>;
}

/** In sentences; none when the page is sound. */
export function checkPage(html: string): string[] {
  const { tags, faults } = readTags(html);
  const all = (name: string): Tag[] => tags.filter((tag) => tag.name === name);
  const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? []);
  const labelled = new Set(all('label').map(({ attributes }) => attributes.get('for')));
  const levels = tags.flatMap(({ name }) => /^h([1-6])$/.exec(name)?.[1] ?? []).map(Number);
  const fault = (found: boolean, sentence: string): string[] => (found ? [sentence] : []);

  return [
    ...faults,
    ...fault(!html.startsWith('<!doctype html>'), 'it has no doctype'),
    ...fault(all('html')[0]?.attributes.get('lang') !== 'en', 'it does not say its language'),
    ...fault(!/<title>[^<]{3,} · Pryx<\/title>/.test(html), 'it has no title of its own'),
    ...fault(!html.includes('content="width=device-width, initial-scale=1"'), 'it does not fit a phone'),
    ...fault(all('h1').length !== 1, `it has ${all('h1').length} first headings`),
    ...fault(all('main').length !== 1 || !all('main')[0]?.attributes.has('data-page'), 'it has no named main part'),
    ...fault(
      levels.some((level, index) => level > (levels[index - 1] ?? 0) + 1),
      'its headings skip a level',
    ),
    ...fault(new Set(ids).size !== ids.length, 'an id comes twice'),
    ...tags.flatMap(({ attributes }) =>
      ['aria-describedby', 'aria-labelledby', 'for'].flatMap((name) => {
        const target = attributes.get(name);
        return target === undefined || ids.includes(target) ? [] : [`${name} points to ${target}, which is not there`];
      }),
    ),
    ...all('input')
      .filter(({ attributes }) => attributes.get('type') !== 'hidden' && !labelled.has(attributes.get('id')))
      .map(({ attributes }) => `the field ${attributes.get('name')} has no label`),
    ...all('form').flatMap(({ attributes }) => [
      ...fault(attributes.get('method') !== 'post', 'a form is not posted'),
      ...fault(!/^\/[a-z]/.test(attributes.get('action') ?? ''), 'a form goes elsewhere'),
      ...fault(!attributes.has('id'), 'a form has no id'),
    ]),
    ...fault(all('form').length > html.split('name="csrf"').length - 1, 'a form has no token'),
    ...fault(/<button[^>]*>\s*<\/button>/.test(html), 'a button says nothing'),
    ...fault(
      html.includes('data-passkey=') && !/role="status"[\s\S]*<noscript>/.test(html),
      'a call for a passkey is not told',
    ),
    ...tags.flatMap(({ name, attributes }) =>
      [...attributes].flatMap(([attribute, value]) => [
        ...fault(/^(on|style$|src$|srcset$)/.test(attribute), `${name} has ${attribute}, which the policy forbids`),
        ...fault(
          /^(https?:)?\/\//.test(value) && attribute !== 'xmlns',
          `${name} ${attribute} leads to another site: ${value}`,
        ),
      ]),
    ),
  ];
}

function readTags(html: string): { tags: Tag[]; faults: string[] } {
  const tags: Tag[] = [];
  const open: string[] = [];
  const faults: string[] = [];
  const bare = html.replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, '');
  for (const [, end, name = '', inside = ''] of bare.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"]*")*)>/g)) {
    if (end === '/') {
      const last = open.pop();
      if (last !== name) faults.push(`${name} is closed, but ${last} is open`);
      continue;
    }
    const attributes = [...inside.matchAll(/([a-z][a-z-]*)(?:="([^"]*)")?/g)];
    tags.push({ name, attributes: new Map(attributes.map(([, key = '', value = '']) => [key, value])) });
    if (!emptyElements.has(name)) open.push(name);
  }
  if (open.length > 0) faults.push(`${open.join(', ')} is never closed`);
  return { tags, faults };
}
