// A secret that the server tells once: a new key, a new password.
import { useState } from 'react';

export function ShownOnce({ what, text, onDone }: { what: string; text: string; onDone: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  };
  return (
    <div className="notice notice-warn" role="status" data-testid="shown-once">
      <strong>{what}</strong> <span className="muted">It is shown this once: copy it now.</span>
      <p>
        <code className="secret">{text}</code>
      </p>
      <button type="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>{' '}
      <button type="button" className="quiet" onClick={onDone}>
        I have it
      </button>
    </div>
  );
}
