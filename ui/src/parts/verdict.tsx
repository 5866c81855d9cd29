// What the gateway decided, as colour, shape and word together; and why.
import { verdictWord } from '../model/gateway';
import { reasonText } from '../model/guard';
import { labelText } from '../model/plain_text';
import type { Tone } from '../model/scores';
import { Icon, type IconName } from './icon';
import { Label } from './plain';

const kToneIcons: Readonly<Record<Tone, IconName>> = { bad: 'block', warn: 'warn', good: 'ok', none: 'unknown' };

export function ToneBadge({ tone, word, title, icon }: { tone: Tone; word: string; title?: string; icon?: IconName }) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      <Icon name={icon ?? kToneIcons[tone]} />
      {word}
    </span>
  );
}

export function VerdictBadge({ verdict }: { verdict: string }) {
  const { word, tone, means } = verdictWord(verdict);
  return <ToneBadge tone={tone} word={labelText(word, 30)} title={means} icon={verdict === 'shadow' ? 'shadow' : undefined} />;
}

const kReasonsShown = 20;

export function ReasonList({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="guard-reasons">
      {reasons.slice(0, kReasonsShown).map((reason, i) => {
        const text = reasonText(reason);
        return (
          <li key={i}>
            <code>{labelText(reason, 100)}</code> {text === reason ? '' : <Label text={text} />}
          </li>
        );
      })}
      {reasons.length > kReasonsShown && <li className="muted">and {reasons.length - kReasonsShown} more</li>}
    </ul>
  );
}
