import { useMemo } from 'react';
import { kMessageCharsMax, parseMessage, type Inline } from '../model/message';

// A monitor's or incident's message. Everything ends up as a React text node.
export function Message({ text }: { text: string }) {
  const blocks = useMemo(() => parseMessage(text), [text]);
  return (
    <div className="message">
      {blocks.map((block, i) => {
        switch (block.kind) {
          case 'heading':
            return (
              <p key={i} className="message-heading">
                <Run inline={block.inline} />
              </p>
            );
          case 'quote':
            return (
              <blockquote key={i}>
                <Run inline={block.inline} />
              </blockquote>
            );
          case 'code':
            return (
              <pre key={i} className="detail">
                {block.text}
              </pre>
            );
          case 'list': {
            const items = block.items.map((item, j) => (
              <li key={j}>
                <Run inline={item} />
              </li>
            ));
            return block.ordered ? <ol key={i}>{items}</ol> : <ul key={i}>{items}</ul>;
          }
          case 'paragraph':
            return (
              <p key={i}>
                <Run inline={block.inline} />
              </p>
            );
        }
      })}
      {text.length > kMessageCharsMax && <p className="muted">The message is longer; the rest is not shown.</p>}
    </div>
  );
}

function Run({ inline }: { inline: readonly Inline[] }) {
  return inline.map((piece, i) => {
    if (piece.kind === 'bold') return <strong key={i}>{piece.text}</strong>;
    if (piece.kind === 'code') return <code key={i}>{piece.text}</code>;
    if (piece.kind === 'handle')
      return (
        <span key={i} className="handle">
          {piece.text}
        </span>
      );
    return piece.text;
  });
}
