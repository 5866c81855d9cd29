// What the query boxes share: a text field with completions under it, following the ARIA combobox pattern. Nothing is
// chosen until an arrow key chooses it, so Enter always runs what is written. `/` anywhere on the page brings the cursor
// here, unless something else is being typed.
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';

interface ComboBoxParts {
  options: readonly string[];
  open: boolean;
  invalid: boolean;
  describedBy?: string | undefined;
  cursorAt?: number | null | undefined; // put the text cursor here when it changes: the place of an error
  tabTakes: boolean; // Tab takes the chosen option, or the first
  onTake: (option: string) => void;
  onRun: (text: string) => void;
  onClose: () => void; // the options are no longer wanted
}

export function useComboBox({ options, open, invalid, describedBy, cursorAt, tabTakes, onTake, onRun, onClose }: ComboBoxParts) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState(-1);
  const nextCursor = useRef<number | null>(null);

  useLayoutEffect(() => {
    if (nextCursor.current === null) return;
    input.current?.setSelectionRange(nextCursor.current, nextCursor.current);
    nextCursor.current = null;
  });

  useEffect(() => {
    if (cursorAt === null || cursorAt === undefined || document.activeElement !== input.current) return;
    input.current?.setSelectionRange(cursorAt, cursorAt);
  }, [cursorAt]);

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || target?.closest('input, textarea, dialog')) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const close = (): void => {
    onClose();
    setChosen(-1);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      const option = options[chosen];
      if (open && option !== undefined) onTake(option);
      else {
        close();
        onRun(event.currentTarget.value);
      }
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const places = options.length + 1; // the options and, at -1, none of them
      setChosen((old) => ((old + 1 + step + places) % places) - 1);
    } else if (open && event.key === 'Tab' && !event.shiftKey && tabTakes) {
      const option = options[Math.max(chosen, 0)];
      if (option === undefined) return;
      event.preventDefault();
      onTake(option);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      close();
    }
  };

  return {
    chooseNone: () => setChosen(-1),
    // After an option was written into the text: the focus stays, the cursor goes behind it with the next drawing.
    focusAt: (cursor: number): void => {
      nextCursor.current = cursor;
      input.current?.focus();
    },
    field: {
      ref: input,
      className: `query-input ${invalid ? 'invalid' : ''}`,
      type: 'text',
      role: 'combobox',
      'aria-expanded': open,
      'aria-controls': `${id}-list`,
      'aria-autocomplete': 'list',
      'aria-activedescendant': open && chosen >= 0 ? `${id}-${chosen}` : undefined,
      'aria-invalid': invalid,
      'aria-describedby': describedBy,
      autoComplete: 'off',
      autoCapitalize: 'off',
      autoCorrect: 'off',
      spellCheck: false,
      onBlur: close,
      onKeyDown,
    } as const,
    list: { id: `${id}-list`, role: 'listbox', className: 'suggestions', hidden: !open } as const,
    option: (i: number) => ({
      id: `${id}-${i}`,
      role: 'option',
      'aria-selected': i === chosen,
      className: i === chosen ? 'chosen' : '',
      onMouseDown: (event: MouseEvent) => {
        event.preventDefault(); // keep the focus in the field
        onTake(options[i] ?? '');
      },
    }),
  };
}
