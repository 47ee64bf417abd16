/** Reads a page of the edge as far as somebody who fills in its forms must: enough HTML for what the edge itself writes. */

export interface Page {
  url: URL;
  status: number;
  /** `data-page` and `data-code` of its `<main>`. */
  name: string;
  code: string | null;
  forms: Form[];
  /** Of links that have an id. */
  links: Record<string, string>;
  recoveryCodes: string[];
  /** A browser sends `Origin: null` from a page that wants no referrer (Fetch, "append a request Origin header"). */
  hidesOrigin: boolean;
}

export interface Form {
  id: string;
  action: string;
  controls: Control[];
  /** The call of the browser that must come before it is sent, and its options. */
  passkey: { call: 'create' | 'get'; options: string } | null;
}

interface Control {
  name: string;
  /** `hidden`, `text`, `checkbox`, `submit`, … */
  type: string;
  value: string;
}

interface Element {
  tag: string;
  attributes: Record<string, string>;
  /** Id of the form that it stands in. */
  form: string | undefined;
  /** Up to the next tag. */
  text: string;
}

export function readPage(html: string, answer: Pick<Page, 'url' | 'status' | 'hidesOrigin'>): Page {
  const elements = [...readElements(html)];
  const main = elements.find(({ tag }) => tag === 'main')?.attributes ?? {};
  return {
    ...answer,
    name: main['data-page'] ?? '',
    code: main['data-code'] ?? null,
    forms: elements
      .filter(({ tag }) => tag === 'form')
      .map(({ attributes }) => readForm(attributes, elements, answer.url)),
    links: Object.fromEntries(
      elements.flatMap(({ tag, attributes: { id, href } }) =>
        tag === 'a' && id !== undefined && href !== undefined ? [[id, href]] : [],
      ),
    ),
    recoveryCodes: elements.flatMap(({ tag, attributes, text }) =>
      tag === 'code' && attributes['class'] === 'recovery-code' ? [text.trim()] : [],
    ),
  };
}

function readForm(attributes: Record<string, string>, elements: readonly Element[], url: URL): Form {
  const id = attributes['id'] ?? '';
  const call = attributes['data-passkey'];
  return {
    id,
    action: attributes['action'] ?? url.href,
    controls: elements
      .filter(({ tag, form }) => ['input', 'button', 'select', 'textarea'].includes(tag) && form === id)
      .flatMap(({ tag, attributes: { name, type, value } }) =>
        name === undefined
          ? []
          : [
              {
                name,
                type: type ?? (tag === 'button' ? 'submit' : 'text'),
                value: value ?? (type === 'checkbox' ? 'on' : ''),
              },
            ],
      ),
    passkey: call === 'create' || call === 'get' ? { call, options: attributes['data-options'] ?? '' } : null,
  };
}

const comment = /<!--.*?-->/gs;
const program = /<(script|style)\b.*?<\/\1\s*>/gis;
const tagAndText = /<(\/?)([a-z][a-z0-9-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>([^<]*)/gi;
const attribute = /([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

function* readElements(html: string): Generator<Element> {
  let open: string | undefined;
  for (const [, end, name = '', inside = '', text = ''] of html
    .replace(comment, '')
    .replace(program, '')
    .matchAll(tagAndText)) {
    const tag = name.toLowerCase();
    if (end === '/') {
      if (tag === 'form') open = undefined;
      continue;
    }
    const attributes = Object.fromEntries(
      [...inside.matchAll(attribute)].map(([, key = '', double, single, bare]) => [
        key.toLowerCase(),
        unescape(double ?? single ?? bare ?? ''),
      ]),
    );
    if (tag === 'form') open = attributes['id'];
    yield { tag, attributes, form: attributes['form'] ?? open, text: unescape(text) };
  }
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescape = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
