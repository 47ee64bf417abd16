/** A rich message (Bot API 10.1, `RichMessage`) as plain text: a line a block, in reading order. */

/** Deeper than any client writes; stops a hostile document before the stack ends. */
const maxDepth = 64;

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `undefined` when the value is no rich message, or says nothing in words. */
export function flattenRichMessage(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  const text = blocks(value.blocks, 0).join('\n').trim();
  return text === '' ? undefined : text;
}

/** `RichText`: a string, an array of rich texts, or a wrapper around one. */
function inline(value: unknown, depth: number): string {
  if (typeof value === 'string') return value;
  if (depth > maxDepth) return '';
  if (Array.isArray(value)) return value.map((part) => inline(part, depth + 1)).join('');
  if (!isNode(value)) return '';
  return inline(value.text ?? value.expression ?? value.alternative_text ?? '', depth + 1);
}

/** `RichBlock`: whichever of its fields hold text, blocks, list items, cells or a caption. */
function block(node: Node, depth: number): string[] {
  const own = inline(node.summary ?? node.text ?? node.expression, depth);
  const caption = isNode(node.caption) && 'credit' in node.caption ? node.caption.text : node.caption;
  return [
    ...(own === '' ? [] : [own]),
    ...listItems(node.items, depth),
    ...tableRows(node.cells, depth),
    ...blocks(node.blocks, depth + 1),
    inline(caption, depth),
    inline(node.credit, depth),
  ].filter((line) => line !== '');
}

function blocks(value: unknown, depth: number): string[] {
  if (!Array.isArray(value) || depth > maxDepth) return [];
  return value.filter(isNode).flatMap((node) => block(node, depth));
}

function listItems(value: unknown, depth: number): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isNode).map((item) => {
    const label = typeof item.label === 'string' ? item.label : '•';
    return `${label} ${blocks(item.blocks, depth + 1).join('\n')}`.trim();
  });
}

function tableRows(value: unknown, depth: number): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((row) => Array.isArray(row))
    .map((row: unknown[]) =>
      row
        .filter(isNode)
        .map((cell) => inline(cell.text, depth))
        .join(' | '),
    );
}
