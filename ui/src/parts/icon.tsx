// Line icons drawn here, 24×24, in the colour of the text beside them. Always decorative: the word stands next to them.
const kPaths = {
  eye: 'M2.500 12C5 7.500 8.300 5.500 12 5.500s7 2 9.500 6.500C19 16.500 15.700 18.500 12 18.500S5 16.500 2.500 12z M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  overview: 'M4 4h7v9H4z M13 4h7v5h-7z M13 11h7v9h-7z M4 15h7v5H4z',
  incident: 'M12 3.500 21.500 20h-19z M12 10v4.500 M12 17.300v.2',
  cases: 'M4 7.500h16v12H4z M9 7.500V5h6v2.500 M4 12.500h16',
  monitor: 'M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15z M10 20.500h4',
  explorer: 'M3.500 4v16h17 M6.500 15.500 10.500 10l3.500 3 5.500-7.500',
  ingestion: 'M12 3.500v10.500 M7.500 10 12 14.500 16.500 10 M4 15.500V20h16v-4.500',
  traces: 'M3.500 5h10 M7 10h9 M10 15h10.500 M10 19.500h5',
  sessions: 'M4 5h12v8.500H9L5.500 17v-3.500H4z M18.500 9H20v8.500h-1.500V21L15 17.500h-4',
  users: 'M9 4.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z M2.500 19.500c.5-4 3-6 6.500-6s6 2 6.500 6 M15.500 5a3.300 3.300 0 0 1 0 6.300 M18 13.800c2 .8 3.200 2.700 3.500 5.700',
  map: 'M5 4.500h5v5H5z M14 14.500h5v5h-5z M5 14.500h5v5H5z M7.500 9.500v5 M10 17h4 M10 8.500l4.500 6',
  errors: 'M8 3.500h8l4.500 4.500v8L16 20.500H8L3.500 16V8z M12 8v5 M12 15.800v.2',
  more: 'M5 12h.1 M12 12h.1 M19 12h.1',
  guard: 'M12 3.500 19.500 6.500v5c0 4.500-3 7.500-7.500 9-4.500-1.500-7.500-4.500-7.500-9v-5z M8.800 12l2.300 2.300 4.200-4.600',
  mail: 'M3.500 5.500h17v13h-17z M4 6.500 12 13l8-6.500',
  mute: 'M6 16.500V11a6 6 0 0 1 9.500-4.900 M18 11v5.500l1.500 1.500H8 M10 20.500h4 M4 4l16 16',
  calls: 'M3.500 8h13 M13 4.500 16.500 8 13 11.500 M20.500 16h-13 M11 12.500 7.500 16l3.500 3.500',
  block: 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z M6 6l12 12',
  provider: 'M7 18.500a4.500 4.500 0 0 1-.5-9 6 6 0 0 1 11.400 1.200 4 4 0 0 1-.9 7.800z',
  shadow: 'M12 3.500a8.500 8.500 0 1 0 0 17z M12 3.500a8.500 8.500 0 0 1 0 17 M15 7.500l3 0 M15 12h5 M15 16.500h3',
  system: 'M4 5h16v5H4z M4 14h16v5H4z M7.500 7.500h.1 M7.500 16.500h.1',
  playground: 'M8 5.500 18.500 12 8 18.500z',
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
