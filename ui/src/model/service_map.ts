// The service map: reading it, and laying it out in layers from left to right. Callers stand left of what they call;
// where services call each other in a ring, the call that closes it runs backwards.
import { formatCount } from './format';
import { asAmount, asObject, asText, asTexts, listIn } from './json';

export interface MapNode {
  service: string;
  requests: number;
  errors: number;
  p95_ms: number | null;
}

export interface MapEdge {
  from: string;
  to: string;
  requests: number;
  errors: number;
  p95_ms: number | null;
}

export interface ServiceMap {
  nodes: MapNode[]; // busiest first
  edges: MapEdge[];
  from_s: number | null;
  to_s: number | null;
  warnings: string[];
}

export function readServiceMap(answer: unknown): ServiceMap {
  const root = asObject(answer);
  const numbers = (raw: Record<string, unknown>): { requests: number; errors: number; p95_ms: number | null } => ({
    requests: asAmount(raw['requests']) ?? 0,
    errors: asAmount(raw['errors']) ?? 0,
    p95_ms: asAmount(raw['p95_ms']),
  });
  const nodes = new Map<string, MapNode>();
  for (const value of listIn(answer, 'nodes')) {
    const raw = asObject(value);
    const service = asText(raw['service'] ?? raw['name'] ?? raw['id']);
    if (service !== '') nodes.set(service, { service, ...numbers(raw) });
  }
  const edges: MapEdge[] = [];
  for (const value of Array.isArray(root['edges']) ? (root['edges'] as unknown[]) : []) {
    const raw = asObject(value);
    const from = asText(raw['from'] ?? raw['source']);
    const to = asText(raw['to'] ?? raw['target']);
    if (from === '' || to === '') continue;
    for (const service of [from, to]) {
      // An end that received nothing itself in this time: known only by its calls.
      if (!nodes.has(service)) nodes.set(service, { service, requests: 0, errors: 0, p95_ms: null });
    }
    edges.push({ from, to, ...numbers(raw) });
  }
  const time = (name: string): number | null => {
    const ns = asAmount(root[name]);
    return ns === null || ns === 0 ? null : ns / 1e9;
  };
  return {
    nodes: [...nodes.values()].sort((a, b) => b.requests - a.requests || (a.service < b.service ? -1 : 1)),
    edges: edges.sort((a, b) => b.requests - a.requests),
    from_s: time('from_ns'),
    to_s: time('to_ns'),
    warnings: asTexts(root['warnings']),
  };
}

export const kNodeWidth = 178;
export const kNodeHeight = 66;
const kGapX = 120;
const kGapY = 26;
const kPad = 24;

export interface PlacedNode extends MapNode {
  x: number;
  y: number;
}

export interface PlacedEdge extends MapEdge {
  path: string;
  label: { x: number; y: number };
  backwards: boolean;
}

export interface MapLayout {
  width: number;
  height: number;
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  left_out: number; // services beyond what is drawn; the table has them
}

// Beyond this many a drawing is a tangle; the busiest are drawn.
export const kNodesDrawnMax = 60;

export function layoutMap(map: ServiceMap): MapLayout {
  const nodes = map.nodes.slice(0, kNodesDrawnMax);
  const byName = new Map(nodes.map((node) => [node.service, node]));
  const edges = map.edges.filter((edge) => edge.from !== edge.to && byName.has(edge.from) && byName.has(edge.to));
  const forward = withoutRings(nodes, edges);
  const { layers, links, lanes } = withLanes(layersOf(nodes, forward), forward);
  const ordered = orderLayers(layers, links);

  const heightOf = (name: string): number => (byName.has(name) ? kNodeHeight : kLaneHeight);
  const tall = (layer: readonly string[]): number => layer.reduce((sum, name) => sum + heightOf(name), 0);
  const inner = Math.max(kNodeHeight, ...ordered.map((layer) => tall(layer) + (layer.length - 1) * kGapY));
  const places = new Map<string, Place>();
  ordered.forEach((layer, column) => {
    const gap = layer.length > 1 ? Math.min((inner - tall(layer)) / (layer.length - 1), kGapY * 3) : 0;
    let y = kPad + (inner - tall(layer) - (layer.length - 1) * gap) / 2;
    for (const name of layer) {
      places.set(name, { x: kPad + column * (kNodeWidth + kGapX), y, height: heightOf(name) });
      y += heightOf(name) + gap;
    }
  });
  const height = inner + 2 * kPad + (forward.length < edges.length ? kLaneHeight * 2 : 0);
  const drawn = edges.map((edge) => {
    const way = [edge.from, ...(lanes.get(edge) ?? []), edge.to].map((name) => places.get(name)).filter((place) => place !== undefined);
    return forward.includes(edge) ? drawForward(edge, way) : drawBackward(edge, way, height - kPad / 2);
  });
  return {
    width: kPad * 2 + ordered.length * kNodeWidth + Math.max(0, ordered.length - 1) * kGapX,
    height,
    nodes: nodes.flatMap((node) => {
      const place = places.get(node.service);
      return place ? [{ ...node, x: place.x, y: place.y }] : [];
    }),
    edges: placeLabels(drawn),
    left_out: map.nodes.length - nodes.length,
  };
}

interface Place {
  x: number;
  y: number;
  height: number;
}

const kLaneHeight = 16;

// A call over several layers gets a narrow lane in each layer between, so that it passes beside the services there.
function withLanes(layers: string[][], edges: readonly MapEdge[]): { layers: string[][]; links: Link[]; lanes: Map<MapEdge, string[]> } {
  const at = new Map(layers.flatMap((layer, i) => layer.map((name): [string, number] => [name, i])));
  const full = layers.map((layer) => [...layer]);
  const links: Link[] = [];
  const lanes = new Map<MapEdge, string[]>();
  edges.forEach((edge, number) => {
    const names: string[] = [];
    for (let i = (at.get(edge.from) ?? 0) + 1; i < (at.get(edge.to) ?? 0); i++) {
      const name = `\n${number} ${i}`; // no service is called that: names are one line
      names.push(name);
      full[i]?.push(name);
    }
    lanes.set(edge, names);
    const way = [edge.from, ...names, edge.to];
    for (let i = 1; i < way.length; i++) links.push({ from: way[i - 1] ?? '', to: way[i] ?? '' });
  });
  return { layers: full, links, lanes };
}

interface Link {
  from: string;
  to: string;
}

// Edges that close a ring are left out of the layering. Busiest first, so that the rare way back is the one that yields.
function withoutRings(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapEdge[] {
  const next = new Map<string, string[]>(nodes.map((node) => [node.service, []]));
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>([from]);
    const stack = [from];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (at === to) return true;
      for (const after of next.get(at) ?? []) {
        if (seen.has(after)) continue;
        seen.add(after);
        stack.push(after);
      }
    }
    return false;
  };
  return edges.filter((edge) => {
    if (reaches(edge.to, edge.from)) return false;
    next.get(edge.from)?.push(edge.to);
    return true;
  });
}

// A service stands one layer right of the last of its callers.
function layersOf(nodes: readonly MapNode[], edges: readonly MapEdge[]): string[][] {
  const layer = new Map(nodes.map((node) => [node.service, 0]));
  for (let round = 0; round < nodes.length; round++) {
    let moved = false;
    for (const { from, to } of edges) {
      const wanted = (layer.get(from) ?? 0) + 1;
      if ((layer.get(to) ?? 0) >= wanted) continue;
      layer.set(to, wanted);
      moved = true;
    }
    if (!moved) break;
  }
  const layers: string[][] = [];
  for (const node of nodes) (layers[layer.get(node.service) ?? 0] ??= []).push(node.service);
  return Array.from(layers, (one) => one ?? []);
}

const kRounds = 6;

// Each layer is sorted by the mean place of its neighbours, there and back a few times: few crossings, not the fewest.
function orderLayers(layers: string[][], edges: readonly Link[]): string[][] {
  for (let round = 0; round < kRounds; round++) {
    const downward = round % 2 === 0;
    const place = new Map(layers.flatMap((layer) => layer.map((name, i): [string, number] => [name, (i + 0.5) / layer.length])));
    layers = layers.map((layer) => {
      const mean = (name: string): number => {
        const beside = edges.filter((edge) => (downward ? edge.to : edge.from) === name).map((edge) => place.get(downward ? edge.from : edge.to) ?? 0.5);
        return beside.length === 0 ? (place.get(name) ?? 0.5) : beside.reduce((a, b) => a + b, 0) / beside.length;
      };
      const means = new Map(layer.map((name) => [name, mean(name)]));
      return [...layer].sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0));
    });
  }
  return layers;
}

type DrawnEdge = Omit<PlacedEdge, 'label'> & { spots: Spot[] }; // where its label could stand, best first

interface Spot {
  x: number;
  y: number;
}

const kLabelHeight = 15;

// Labels in order of traffic, each at its first spot that is still free.
function placeLabels(edges: readonly DrawnEdge[]): PlacedEdge[] {
  const taken: (Spot & { width: number })[] = [];
  return edges.map(({ spots, ...edge }) => {
    const width = errorTone(edge.requests, edge.errors) === 'good' ? 52 : 124;
    const isFree = (spot: Spot): boolean =>
      taken.every((other) => Math.abs(other.y - spot.y) >= kLabelHeight || Math.abs(other.x - spot.x) >= (other.width + width) / 2);
    const label = spots.find(isFree) ?? spots[0] ?? { x: 0, y: 0 };
    taken.push({ ...label, width });
    return { ...edge, label };
  });
}

function drawForward(edge: MapEdge, way: readonly Place[]): DrawnEdge {
  let path = '';
  let spots: Spot[] = [];
  for (let i = 1; i < way.length; i++) {
    const from = way[i - 1] as Place;
    const to = way[i] as Place;
    const x1 = from.x + kNodeWidth;
    const y1 = from.y + from.height / 2;
    const x2 = to.x;
    const y2 = to.y + to.height / 2;
    const bend = (x2 - x1) / 2;
    path += `${i === 1 ? 'M' : 'L'}${n(x1)} ${n(y1)}C${n(x1 + bend)} ${n(y1)} ${n(x2 - bend)} ${n(y2)} ${n(x2)} ${n(y2)}`;
    if (i === 1) spots = [0.5, 0.38, 0.62, 0.28, 0.72, 0.2, 0.8].map((t) => pointOn(x1, y1, x2, y2, t));
    // Beside a nearly level line there is no other place on it.
    if (i === 1) for (const aside of [kLabelHeight + 2, -kLabelHeight - 2]) spots.push({ x: (x1 + x2) / 2, y: (y1 + y2) / 2 + aside });
    if (i === 2) spots.unshift({ x: from.x + kNodeWidth / 2, y: y1 }); // in its lane nothing else is written
  }
  return { ...edge, path, spots, backwards: false };
}

// Of the curve between two places: level at both ends, steepest in the middle.
function pointOn(x1: number, y1: number, x2: number, y2: number, t: number): Spot {
  const middle = (x1 + x2) / 2;
  const u = 1 - t;
  return {
    x: u * u * u * x1 + 3 * u * u * t * middle + 3 * u * t * t * middle + t * t * t * x2,
    y: y1 + (y2 - y1) * (3 * t * t - 2 * t * t * t),
  };
}

// Below everything, from under the caller to under the called.
function drawBackward(edge: MapEdge, way: readonly Place[], lowest: number): DrawnEdge {
  const from = way[0] as Place;
  const to = way[way.length - 1] as Place;
  const x1 = from.x + kNodeWidth / 2;
  const x2 = to.x + kNodeWidth / 2;
  const path = `M${n(x1)} ${n(from.y + from.height)}C${n(x1)} ${n(lowest)} ${n(x1)} ${n(lowest)} ${n((x1 + x2) / 2)} ${n(lowest)}S${n(x2)} ${n(lowest)} ${n(x2)} ${n(to.y + to.height)}`;
  const spots = [0.5, 0.35, 0.65].map((t) => ({ x: x1 + (x2 - x1) * t, y: lowest }));
  return { ...edge, path, spots, backwards: true };
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export interface NodeName {
  lines: string[]; // one or two
  cut: boolean;
  font_px: number;
}

const kNameWidth = kNodeWidth - 20;
const kNamePx = 14;
const kTwoLinesPx = 12.5;

// A bold letter of the system's font against its size, on the safe side.
function widthOf(text: string, font_px: number): number {
  let sum = 0;
  for (const letter of text) sum += /[ijl.,:;|!'`tf()[\]/-]/.test(letter) ? 0.44 : /[mwMW@%…]/.test(letter) ? 1.06 : letter > '\u2e7f' ? 1.1 : letter < 'a' ? 0.82 : 0.69;
  return sum * font_px;
}

// As many letters of `text` as fit a line; whole letters, not halves of a pair.
function fitting(text: string): string {
  let fits = '';
  for (const letter of text) {
    if (widthOf(fits + letter, kTwoLinesPx) > kNameWidth) break;
    fits += letter;
  }
  return fits;
}

// A name within its box: on one line, or on two in smaller letters, broken before "service", after a separator or
// between words in capitals, as late as fits; cut with "…" when two are not enough.
export function nodeName(name: string): NodeName {
  if (widthOf(name, kNamePx) <= kNameWidth) return { lines: [name], cut: false, font_px: kNamePx };
  const breaks = [...name.matchAll(/(?<=.)(?=service|gateway)|(?<=[-_./: ])(?=.)|(?<=[a-z])(?=[A-Z])/g)].map((found) => found.index);
  const room = fitting(name).length;
  const fit = breaks.filter((at) => at <= room).reverse();
  const first = fit.find((at) => fitting(name.slice(at)) === name.slice(at)) ?? fit[0] ?? room;
  const rest = name.slice(first);
  const cut = fitting(rest) !== rest;
  return { lines: [name.slice(0, first).trim(), cut ? `${fitting(`…${rest}`).slice(1)}…` : rest], cut, font_px: kTwoLinesPx };
}

export type MapTone = 'bad' | 'warn' | 'good' | 'none';

// 5 % and more of the requests failing is red, 1 % yellow; nothing received is grey.
export function errorTone(requests: number, errors: number): MapTone {
  if (requests <= 0) return 'none';
  const rate = errors / requests;
  return rate >= 0.05 ? 'bad' : rate >= 0.01 ? 'warn' : 'good';
}

// Requests per second over the seconds the map covers.
export function perSecond(requests: number, map: ServiceMap, range_s: number): number {
  const seconds = map.from_s !== null && map.to_s !== null ? map.to_s - map.from_s : range_s;
  return seconds > 0 ? requests / seconds : 0;
}

// Rare calls in a unit that shows them: 4.2/s, 12/min, 3/h.
export function rateText(per_second: number): string {
  for (const [unit, seconds] of [['s', 1], ['min', 60], ['h', 3600]] as const) {
    const rate = per_second * seconds;
    if (rate >= 1) return `${rate >= 10 ? formatCount(rate) : String(Math.round(rate * 10) / 10)}/${unit}`;
  }
  return per_second > 0 ? '< 1/h' : '0/s';
}
