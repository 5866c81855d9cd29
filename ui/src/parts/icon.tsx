// Line icons drawn here, 24×24, in the colour of the text beside them. Always decorative: the word stands next to them.
const kPaths = {
  eye: 'M2.500 12C5 7.500 8.300 5.500 12 5.500s7 2 9.500 6.500C19 16.500 15.700 18.500 12 18.500S5 16.500 2.500 12z M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  overview: 'M4 4h7v9H4z M13 4h7v5h-7z M13 11h7v9h-7z M4 15h7v5H4z',
  incident: 'M12 3.500 21.500 20h-19z M12 10v4.500 M12 17.300v.2',
  monitor: 'M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15z M10 20.500h4',
  explorer: 'M3.500 4v16h17 M6.500 15.500 10.500 10l3.500 3 5.500-7.500',
  ingestion: 'M12 3.500v10.500 M7.500 10 12 14.500 16.500 10 M4 15.500V20h16v-4.500',
  alert: 'M12 3.500 21.500 20h-19z M12 10v4.500 M12 17.300v.2',
  warn: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 8v5 M12 15.800v.2',
  ok: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M8.500 12.200l2.500 2.500 4.700-5',
  unknown: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M8.500 12h7',
  arrow: 'M9 5l7 7-7 7',
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13z M15.500 15.500 20.500 20.500',
  key: 'M8 10.500a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M11 12 19.500 4 M16 7.500l3 3',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg
      className={`icon ${className ?? ''}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={kPaths[name]} />
    </svg>
  );
}
