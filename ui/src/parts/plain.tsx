// Text from telemetry of any length. Always text nodes; what would be unseen is written out (model/plain_text).
import { useState } from 'react';
import { formatCount } from '../model/format';
import { cutText, labelText, textPieces, visibleText } from '../model/plain_text';

// One line: names, tags, titles.
export function Label({ text, max }: { text: string; max?: number }) {
  return <bdi>{labelText(text, max)}</bdi>;
}

const kFirstChars = 4000;
const kStepChars = 200_000;

// Many lines: prompts, answers, stacks. Starts cut; each press shows two hundred thousand characters more.
export function LongText({ text, code = false, first = kFirstChars }: { text: string; code?: boolean; first?: number }) {
  const [limit, setLimit] = useState(first);
  const cut = cutText(text, limit);
  const left = text.length - cut.length;
  return (
    <div className={code ? 'long-text code' : 'long-text'} dir="auto">
      {textPieces(cut).map((piece, i) => (
        <div key={i} className="long-piece">
          {visibleText(piece)}
        </div>
      ))}
      {left > 0 && (
        <p className="long-more">
          <button type="button" onClick={() => setLimit((old) => old + kStepChars)}>
            Show {left > kStepChars ? `${formatCount(kStepChars)} more` : 'the rest'}
          </button>{' '}
          <span className="muted">{formatCount(left)} characters are not shown</span>
        </p>
      )}
    </div>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  const copy = (): void => {
    navigator.clipboard?.writeText(text).then(
      () => {
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      },
      () => setDone(false),
    );
  };
  return (
    <button type="button" className="quiet copy" onClick={copy} aria-label={`Copy ${what}`}>
      {done ? 'Copied' : 'Copy'}
    </button>
  );
}
