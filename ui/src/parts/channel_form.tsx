// One notification channel, made or changed. Secrets are written, never shown.
import { useId, useState, type FormEvent } from 'react';
import { ApiError, patchJson, postJson } from '../api/client';
import { channelBody, channelTexts, kChannelFields, kChannelKinds, kChannelsPath, type Channel, type ChannelField, type ChannelKind } from '../model/channels';

interface ChannelFormProps {
  channel?: Channel; // none: a new one
  onDone: () => void;
}

export function ChannelForm({ channel, onDone }: ChannelFormProps) {
  const id = useId();
  const [kind, setKind] = useState<ChannelKind>((channel?.kind as ChannelKind | undefined) ?? 'slack');
  const [name, setName] = useState(channel?.name ?? '');
  const [texts, setTexts] = useState<Record<string, string>>(channel ? channelTexts(channel) : {});
  const [sending, setSending] = useState(false);
  const [error, setError] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    setError('');
    const body = channelBody(kind, name, texts);
    const sent = channel ? patchJson(`${kChannelsPath}/${encodeURIComponent(channel.id)}`, body) : postJson(kChannelsPath, body);
    sent.then(onDone, (failed: unknown) => {
      setSending(false);
      setError(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
    });
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="channel-form" autoComplete="off">
      {!channel && (
        <label htmlFor={`${id}-kind`}>
          Kind
          <select id={`${id}-kind`} value={kind} onChange={(event) => setKind(event.target.value as ChannelKind)}>
            {kChannelKinds.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      )}
      <label htmlFor={`${id}-name`}>
        Name
        <input id={`${id}-name`} type="text" required maxLength={100} pattern="[A-Za-z0-9._\-]+" spellCheck={false} placeholder="ops" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      {kChannelFields[kind].map((field) => (
        <Field
          key={`${kind}-${field.name}`}
          id={`${id}-${field.name}`}
          field={field}
          isSet={channel?.secrets_set.includes(field.name) ?? false}
          value={texts[field.name] ?? ''}
          onChange={(value) => setTexts((old) => ({ ...old, [field.name]: value }))}
        />
      ))}
      <button type="submit" className="primary" disabled={sending}>
        {sending ? 'Saving…' : channel ? 'Save' : 'Add it'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not saved: {error}
        </p>
      )}
    </form>
  );
}

interface FieldProps {
  id: string;
  field: ChannelField;
  isSet: boolean;
  value: string;
  onChange: (value: string) => void;
}

function Field({ id, field, isSet, value, onChange }: FieldProps) {
  const hint = field.kind === 'secret' && isSet ? 'set; type to replace it' : field.hint;
  const required = field.required === true && !isSet;
  return (
    <label className={field.kind === 'number' || field.kind === 'choice' ? '' : 'grow'} htmlFor={id}>
      {field.label}
      {field.kind === 'choice' ? (
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          {(field.choices ?? []).map((one, i) => (
            <option key={one} value={i === 0 && value === '' ? '' : one}>
              {one}
            </option>
          ))}
        </select>
      ) : field.kind === 'long' ? (
        <textarea id={id} rows={3} maxLength={65536} spellCheck={false} placeholder={hint} value={value} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input
          id={id}
          type={field.kind === 'secret' ? 'password' : field.kind === 'number' ? 'number' : 'text'}
          required={required}
          maxLength={4096}
          autoComplete={field.kind === 'secret' ? 'new-password' : 'off'}
          spellCheck={false}
          placeholder={hint}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </label>
  );
}
