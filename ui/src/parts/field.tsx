// One field of a form: its name, what it means, and what the server says is wrong with it.
import { useId, type ReactNode } from 'react';

export interface FieldProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

interface Props {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  wide?: boolean;
  children: (props: FieldProps) => ReactNode;
}

export function Field({ label, hint, error, wide = false, children }: Props) {
  const id = useId();
  const said = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter((one) => one !== '').join(' ');
  return (
    <div className={wide ? 'field wide' : 'field'}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': error !== undefined, 'aria-describedby': said === '' ? undefined : said })}
      {error !== undefined && (
        <p id={`${id}-error`} className="problem" role="alert">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

// A choice of few texts.
export function Choice({ options, value, onChange, ...rest }: { options: readonly (string | { value: string; label: string })[]; value: string; onChange: (value: string) => void } & Partial<FieldProps> & { 'aria-label'?: string }) {
  const known = options.map((one) => (typeof one === 'string' ? { value: one, label: one } : one));
  return (
    <select {...rest} value={value} onChange={(event) => onChange(event.target.value)}>
      {!known.some((one) => one.value === value) && <option value={value}>{value}</option>}
      {known.map((one) => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </select>
  );
}
