// Messages of monitors and incidents are written by people but filled with values from telemetry, so they are data: they
// become React text nodes, never HTML. A tiny subset of Markdown is understood (headings, lists, quotes, code, bold,
// rules); links stay visible text, because an address inside an alert may come from an attacker.

export type Inline = { kind: 'text' | 'bold' | 'code' | 'handle'; text: string };

export type Block =
  | { kind: 'paragraph' | 'heading' | 'quote'; inline: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string };

// Longer messages are cut with a notice by the caller; parsing is linear in what is left.
export const kMessageCharsMax = 20000;

export function parseMessage(text: string): Block[] {
  const lines = text
    .slice(0, kMessageCharsMax)
    .replace(/^%%%\s*\n?|\n?\s*%%%$/g, '')
    .split(/\r?\n/);
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', inline: parseInline(paragraph.join('\n')) });
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const item = /^\s{0,6}(?:([-*•])|(\d{1,3})[.)])\s+(.*)$/.exec(line);
    if (/^\s*```/.test(line)) {
      flush();
      const code: string[] = [];
      while (++i < lines.length && !/^\s*```/.test(lines[i] ?? '')) code.push(lines[i] ?? '');
      blocks.push({ kind: 'code', text: code.join('\n') });
    } else if (line.trim() === '' || /^\s*-{3,}\s*$/.test(line)) {
      flush();
    } else if (/^#{1,6}\s/.test(line)) {
      flush();
      blocks.push({ kind: 'heading', inline: parseInline(line.replace(/^#+\s*/, '')) });
    } else if (item) {
      flush();
      const ordered = item[2] !== undefined;
      const last = blocks[blocks.length - 1];
      const list = last?.kind === 'list' && last.ordered === ordered ? last : null;
      if (list) list.items.push(parseInline(item[3] ?? ''));
      else blocks.push({ kind: 'list', ordered, items: [parseInline(item[3] ?? '')] });
    } else if (/^\s*>\s?/.test(line)) {
      flush();
      blocks.push({ kind: 'quote', inline: parseInline(line.replace(/^\s*>\s?/, '')) });
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return blocks;
}

export function parseInline(text: string): Inline[] {
  const result: Inline[] = [];
  const pattern = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w@])(@[a-z]+-[\w.-]+)/g;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) result.push({ kind: 'text', text: text.slice(at, match.index) });
    if (match[1] !== undefined) result.push({ kind: 'code', text: match[1] });
    else if (match[2] !== undefined) result.push({ kind: 'bold', text: match[2] });
    else result.push({ kind: 'handle', text: match[3] ?? '' });
    at = match.index + match[0].length;
  }
  if (at < text.length) result.push({ kind: 'text', text: text.slice(at) });
  return result;
}
