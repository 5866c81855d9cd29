#include "drawings.h"

namespace vcommerce::catalogue {
namespace {

struct Drawing {
  std::string_view code;
  std::string_view first;
  std::string_view second;
};

#define GE_LINES R"(<g fill="none" stroke="$d" stroke-width="2" stroke-linecap="round" opacity=".55">)"

constexpr Drawing kDrawings[] = {
    {"DRS",
     R"(<path fill="$m" d="M80 36q20 14 40 0l12 12-12 18 2 26 36 74q-58 16-116 0l36-74 2-26-12-18z"/><path fill="$d" d="M79 90h42l2 9H77z"/>)" GE_LINES
     R"(<path d="M84 104l-18 62M100 104v66M116 104l18 62"/></g>)",
     R"(<path fill="$m" d="M74 38l12-6q14 16 28 0l12 6 22 38-18 10-10-16 4 30 22 70q-46 12-92 0l22-70 4-30-10 16-18-10z"/><path fill="$d" d="M84 98q16 6 32 0l2 7q-18 6-36 0z"/>)" GE_LINES
     R"(<path d="M100 50v44M90 112l-10 56M110 112l10 56"/></g><g fill="$l"><circle cx="100" cy="58" r="2.4"/><circle cx="100" cy="70" r="2.4"/><circle cx="100" cy="82" r="2.4"/></g>)"},
    {"TEE",
     R"(<path fill="$m" d="M70 48q30 18 60 0l38 22-16 30-18-8v74H66V92l-18 8-16-30z"/><path fill="$d" d="M70 48q30 18 60 0l-6-4q-24 14-48 0z"/><path fill="$d" opacity=".35" d="M108 86h20v24h-20z"/>)",
     R"(<path fill="$m" d="M70 46q30 18 60 0l30 20 18 78-20 5-18-52v70H60V97l-18 52-20-5 18-78z"/><path fill="$d" d="M70 46q30 18 60 0l-6-4q-24 14-48 0z"/><path fill="$s" opacity=".8" d="M60 102h80v12H60zM60 124h80v12H60z"/>)"},
    {"SHT",
     R"(<path fill="$m" d="M74 42l52 0 34 20 16 84-20 5-18-56v74H62V95l-18 56-20-5 16-84z"/><path fill="$l" d="M74 42l26 26 26-26-8-6H82z"/><path fill="$d" d="M74 42l26 26-14 12-18-32zM126 42l-26 26 14 12 18-32z"/>)" GE_LINES
     R"(<path d="M100 68v100"/></g><g fill="$w"><circle cx="105" cy="84" r="2.6"/><circle cx="105" cy="106" r="2.6"/><circle cx="105" cy="128" r="2.6"/><circle cx="105" cy="150" r="2.6"/></g>)",
     R"(<path fill="$m" d="M74 42h52l36 22-14 36-14-6v74q-34 8-68 0V94l-14 6-14-36z"/><path fill="$d" d="M74 42l26 20 26-20 8 8-28 26-6-6-6 6-28-26z"/><path fill="$d" opacity=".4" d="M110 92h22v22h-22z"/>)" GE_LINES
     R"(<path d="M100 70v100"/></g><g fill="$w"><circle cx="105" cy="90" r="2.6"/><circle cx="105" cy="116" r="2.6"/><circle cx="105" cy="142" r="2.6"/></g>)"},
    {"BLS",
     R"(<path fill="$m" d="M76 46q24 12 48 0l22 12q34 40 24 74l-22 6q-10-30-14-36l4 62q-38 8-76 0l4-62q-4 6-14 36l-22-6q-10-34 24-74z"/><path fill="$d" d="M100 62l-24-14 2 26zM100 62l24-14-2 26z"/><path fill="$l" d="M96 60h8l10 56-10 6-4-40-4 40-10-6z"/>)",
     R"(<path fill="$m" d="M74 44q26 18 52 0l30 16q8 18 0 38l-20-4 2 36 18 34q-56 16-112 0l18-34 2-36-20 4q-8-20 0-38z"/><path fill="$d" d="M62 128q38 10 76 0l2 7q-40 10-80 0z"/>)" GE_LINES
     R"(<path d="M86 64v58M100 66v58M114 64v58"/></g>)"},
    {"KNT",
     R"(<path fill="$m" d="M78 44h44l32 18 22 86-22 6-18-50v62H64v-62l-18 50-22-6 22-86z"/><path fill="$d" d="M80 26h40v22q-20 10-40 0zM64 156h72v12H64zM25 142l22 6-3 10-22-6zM175 142l-22 6 3 10 22-6z"/><g fill="none" stroke="$l" stroke-width="3" opacity=".7"><path d="M88 62q12 12 0 24t0 24 0 24M112 62q-12 12 0 24t0 24 0 24"/></g>)",
     R"(<path fill="$m" d="M76 44q24 14 48 0l30 18 22 86-22 6-18-50v62H64v-62l-18 50-22-6 22-86z"/><path fill="$d" d="M76 44q24 14 48 0l-5-7q-19 10-38 0zM64 156h72v12H64z"/><g fill="$s"><path d="M66 84l9-10 9 10-9 10zM84 84l8-10 8 10-8 10zM100 84l8-10 8 10-8 10zM116 84l9-10 9 10-9 10z"/></g><path fill="$l" d="M64 100h72v5H64zM64 64h72v4H64z" opacity=".7"/>)"},
    {"CDG",
     R"(<path fill="$m" d="M76 42l24 50 24-50 30 20 22 84-22 6-18-48v64H64v-64l-18 48-22-6 22-84z"/><path fill="$d" d="M76 42l24 52 24-52 8 5-28 62v59h-8v-59L68 47zM70 128h20v22H70zM110 128h20v22h-20z" opacity=".75"/><g fill="$w"><circle cx="100" cy="112" r="3"/><circle cx="100" cy="130" r="3"/><circle cx="100" cy="148" r="3"/></g>)", R"(<path fill="$m" d="M72 44q28 20 56 0l28 18 20 78-22 6-16-46v46H62v-46l-16 46-22-6 20-78z"/><path fill="$d" d="M96 56h8v90h-8zM62 136h76v10H62z" opacity=".75"/><g fill="$s"><circle cx="100" cy="68" r="3.4"/><circle cx="100" cy="86" r="3.4"/><circle cx="100" cy="104" r="3.4"/><circle cx="100" cy="122" r="3.4"/></g>)"},
    {"JNS",
     R"(<path fill="$m" d="M66 30h68l10 140h-32l-12-96-12 96H56z"/><path fill="$d" d="M66 30h68l1 12H65z"/>)" GE_LINES
     R"(<path d="M66 46q2 18 20 18M134 46q-2 18-20 18M100 42v30M60 160h28M112 160h28"/></g><circle cx="100" cy="36" r="3" fill="$s"/>)",
     R"(<path fill="$m" d="M68 30h64l24 140h-46l-10-92-10 92H44z"/><path fill="$d" d="M68 30h64l2 12H66z"/>)" GE_LINES
     R"(<path d="M66 46q2 18 18 18M134 46q-2 18-18 18M100 42v34M70 70l-12 90M130 70l12 90"/></g><circle cx="100" cy="36" r="3" fill="$s"/>)"},
    {"TRS",
     R"(<path fill="$m" d="M68 30h64l14 138h-30l-16-92-16 92H54z"/><path fill="$d" d="M68 30h64l1 10H67zM54 158h31l-1 10H54zM115 158h31v10h-30z"/>)" GE_LINES
     R"(<path d="M80 42l-10 114M120 42l10 114M100 40v36"/></g>)",
     R"(<path fill="$m" d="M66 32h68l20 136h-46l-8-84-8 84H46z"/><path fill="$d" d="M66 32h68l1 10H65z"/><path fill="$d" opacity=".45" d="M56 96h24v26H53zM144 96h-24v26h27z"/><path stroke="$w" stroke-width="3" fill="none" stroke-linecap="round" d="M97 42l-4 20M103 42l4 20"/>)"},
    {"SKT",
     R"(<path fill="$m" d="M72 44h56l32 116q-60 18-120 0z"/><path fill="$d" d="M72 40h56v12H72z"/>)" GE_LINES
     R"(<path d="M82 54l-22 112M94 54l-8 117M106 54l8 117M118 54l22 112"/></g>)",
     R"(<path fill="$m" d="M74 40h52l20 64-92 0z"/><path fill="$m" d="M56 100h88l16 62q-60 16-120 0z"/><path fill="$d" d="M74 38h52v10H74zM54 98h92l2 8H52z"/>)" GE_LINES
     R"(<path d="M80 108l-14 56M100 108v62M120 108l14 56"/></g>)"},
    {"JKT",
     R"(<path fill="$m" d="M74 38h52l32 20 18 90-22 4-16-52v68H62v-68l-16 52-22-4 18-90z"/><path fill="$d" d="M74 38l26 18 26-18 10 12-30 24-6-8-6 8-30-24z"/><path fill="$d" opacity=".5" d="M70 118h22v30H70zM108 118h22v30h-22zM108 80h20v20h-20z"/>)" GE_LINES
     R"(<path d="M100 66v102"/></g><g fill="$s"><circle cx="104" cy="88" r="3"/><circle cx="104" cy="110" r="3"/><circle cx="104" cy="132" r="3"/><circle cx="104" cy="154" r="3"/></g>)",
     R"(<path fill="$m" d="M76 38h48l34 20q22 44 18 90l-22 4-14-50v48H60v-48l-14 50-22-4q-4-46 18-90z"/><path fill="$d" d="M76 34h48l2 12H74zM60 146h80v14H60zM25 138l22 4-2 12-22-4zM175 138l-22 4 2 12 22-4z"/><path fill="$w" d="M98 46h4v100h-4z"/>)" GE_LINES
     R"(<path d="M72 104l14 24M128 104l-14 24"/></g>)"},
    {"COT",
     R"(<path fill="$m" d="M76 28h48l30 18 16 86-20 4-14-50 10 90H54l10-90-14 50-20-4 16-86z"/><path fill="$d" d="M76 28l24 40 24-40 12 10-32 52h-8L64 38zM60 100h80l1 9H59z"/><g fill="$s"><circle cx="88" cy="92" r="3.4"/><circle cx="112" cy="92" r="3.4"/><circle cx="88" cy="124" r="3.4"/><circle cx="112" cy="124" r="3.4"/></g>)" GE_LINES
     R"(<path d="M100 90v86"/></g>)",
     R"(<path fill="$d" d="M72 34q28-28 56 0l-6 26H78z"/><path fill="$m" d="M72 38q28 26 56 0l28 16 16 84-20 4-14-50 6 82H56l6-82-14 50-20-4 16-84z"/>)" GE_LINES
     R"(<path d="M100 54v120M66 128h24M110 128h24"/></g><g stroke="$w" stroke-width="4" stroke-linecap="round"><path d="M92 80h16M92 102h16M92 124h16"/></g>)"},
    {"HOD",
     R"(<path fill="$d" d="M70 46q4-28 30-28t30 28q-30 22-60 0z"/><path fill="$m" d="M70 44q30 30 60 0l28 18 20 82-22 6-18-50v66H62v-66l-18 50-22-6 20-82z"/><path fill="$d" opacity=".5" d="M78 116h44l10 30H68z"/><path fill="$d" d="M62 156h76v10H62z"/><path stroke="$w" stroke-width="3" fill="none" stroke-linecap="round" d="M90 64v26M110 64v24"/>)",
     R"(<path fill="$m" d="M76 42q24 16 48 0l32 18 22 84-22 6-18-50v66H62v-66l-18 50-22-6 22-84z"/><path fill="$d" d="M76 42q24 16 48 0l-6-6q-18 10-36 0zM62 156h76v10H62zM24 136l22 6-2 8-22-6zM176 136l-22 6 2 8 22-6z"/><path fill="$s" d="M97 52h6v36h-6z"/>)"},
    {"SNK",
     R"(<path fill="$w" d="M24 132h152q2 18-8 20H36q-12-2-12-20z"/><path fill="$m" d="M26 132q-2-30 6-50 12 8 26 0l34 28 50 12q34 6 34 22v-12z"/><path fill="$m" d="M26 134q-2-32 6-52 12 8 26 0l36 30 46 10q34 4 36 14z"/><path fill="$d" d="M26 134q-2-32 6-52 6 4 12 4l4 48z"/><g stroke="$w" stroke-width="4" stroke-linecap="round"><path d="M70 96l10-10M82 106l10-10M94 114l10-10"/></g><path fill="$s" d="M52 130l30-22 10 8-22 16z"/>)",
     R"(<path fill="$w" d="M24 140h152q0 14-8 16H34q-10-2-10-16z"/><path fill="$m" d="M28 142q-4-60 4-88h36q2 34 30 50l44 14q32 6 34 24z"/><path fill="$d" d="M30 64h38l2 12H29zM150 121q24 6 26 21h-40q0-14 14-21z"/><circle cx="48" cy="104" r="11" fill="$s"/><g stroke="$w" stroke-width="4" stroke-linecap="round"><path d="M68 84l12-6M74 96l12-8M86 106l10-9M98 112l8-10"/></g>)"},
    {"BOT",
     R"(<path fill="$m" d="M62 34h54l2 66q46 10 48 44H62z"/><path fill="$d" d="M76 48h22l4 46H80z"/><path fill="$k" d="M60 144h108v10H92l-2 10H60z"/><path fill="$s" d="M58 28h8v14h-8zM112 28h8v14h-8z"/>)",
     R"(<path fill="$m" d="M60 34h50l4 64q50 8 52 46H60z"/><path fill="$d" d="M60 34h50l1 12H60zM142 112q24 10 24 32h-34q0-20 10-32z"/><path fill="$k" d="M58 144h110v12h-10v6h-12v-6h-12v6h-12v-6h-12v6H58z"/><g stroke="$w" stroke-width="3" stroke-linecap="round"><path d="M96 56l18-2M97 70l18-2M98 84l18-2M100 98l18-4"/></g>)"},
    {"SND",
     R"(<path fill="$l" d="M28 128q70 16 144-6 4 18-4 22-70 14-132 4-8-4-8-20z"/><path fill="$d" d="M28 138q70 16 144-4-2 16-8 18-66 12-128 2-6-4-8-16z"/><path fill="$m" d="M98 132q6-46 40-54 22 20 22 46-30 8-62 8zM34 130q-2-26 16-42l14 8q-12 14-10 36z"/><path fill="none" stroke="$d" stroke-width="6" d="M52 94q24-2 46 26"/><circle cx="118" cy="104" r="6" fill="$s"/>)",
     R"(<path fill="$s" d="M26 128h148q0 24-10 28H38q-12-4-12-28z"/><path fill="$m" d="M100 128q4-40 30-48 36 8 40 48zM30 128q-2-34 14-44l10 4-4 40z"/><g fill="none" stroke="$m" stroke-width="7"><path d="M46 92q34-30 62 36M44 108q30-10 62 20"/></g><g stroke="$w" stroke-width="2" opacity=".6"><path d="M30 138h140M32 146h136"/></g>)"},
    {"LOF",
     R"(<path fill="$m" d="M24 132q0-30 12-40 30 16 56 6 22-14 34-6 48 12 50 40z"/><path fill="$d" d="M36 92q30 16 56 6l6 10q-30 14-64 2zM108 92l22 2 4 22-34-4z"/><path fill="$k" d="M22 132h156v9H70v8H24z"/><path fill="$s" d="M112 100h18v7h-18z"/>)",
     R"(<path fill="$m" d="M24 128q0-28 12-38 30 16 56 6 22-14 34-6 48 10 50 38z"/><path fill="$d" d="M36 90q30 16 56 6l6 10q-30 14-64 2z"/><path fill="$k" d="M20 128h160v22H20z" opacity=".85"/><g fill="none" stroke="$s" stroke-width="4"><path d="M108 92l20 8 10-12"/></g><g fill="$s"><path d="M128 98l-4 18 9-1zM132 97l4 17 6-4z"/></g>)"},
    {"HEL",
     R"(<path fill="$m" d="M30 78q14-14 30-4 30 54 78 56 34 2 36 16H120Q78 140 50 100v46h-9q2-40-11-68z"/><path fill="$d" d="M30 78q14-14 30-4l6 10q-18-6-30 8z"/><circle cx="146" cy="130" r="5" fill="$s"/>)", R"(<path fill="$m" d="M34 84q12-14 28-8 34 46 78 50 32 4 34 18h-60q-34-4-58-30v32H34q6-36 0-62z"/><path fill="$d" d="M34 84q12-14 28-8l4 8q-16-4-30 10zM34 118h22v28H34z" opacity=".6"/><path fill="none" stroke="$s" stroke-width="6" d="M48 80q40-18 60 36"/>)"},
    {"HIK",
     R"(<path fill="$m" d="M48 40h52l8 52q54 8 62 46H44z"/><path fill="$d" d="M48 40h52l2 14H47zM132 98q34 12 38 40h-48q0-26 10-40zM44 116h40v22H44z" opacity=".7"/><path fill="$k" d="M40 138h132v14h-12v8h-14v-8h-14v8h-14v-8h-14v8H90v-8H70v8H40z"/><g stroke="$s" stroke-width="4" stroke-linecap="round"><path d="M84 62l20-4M86 76l20-4M88 90l22-4M96 104l20-8"/></g>)",
     R"(<path fill="$m" d="M26 136q-4-34 8-56 14 8 30-2 18 22 40 32l40 10q28 4 32 16z"/><path fill="$d" d="M26 136q-4-34 8-56 6 4 14 4l8 52zM140 119q30 4 36 17h-46q0-10 10-17z" opacity=".7"/><path fill="$k" d="M22 136h156v12h-14v7h-14v-7h-14v7h-16v-7h-16v7H86v-7H68v7H24z"/><g stroke="$s" stroke-width="4" stroke-linecap="round"><path d="M70 100l14-12M84 110l12-12M98 118l10-12"/></g>)"},
    {"SLP",
     R"(<path fill="$d" d="M24 130h152q2 18-10 20H36q-12-2-12-20z"/><path fill="$m" d="M78 132q2-48 46-52 48 6 52 52zM26 132q-4-18 8-30l20 10q-2 8 0 20z"/><path fill="$l" d="M54 132q-4-14 2-20 14 2 24 8l-2 12z"/><path fill="$w" d="M80 120q-2-44 44-44l-4 8q-34 4-34 38z"/>)",
     R"(<path fill="$k" d="M26 138h150q0 12-10 14H36q-10-2-10-14z" opacity=".8"/><path fill="$m" d="M26 138q-6-34 10-52 16 10 42 2 20-10 40 0 52 12 58 50z"/><path fill="$w" d="M34 90q4-10 10-10 16 10 40 2 8 0 8 8-30 18-58 0z"/><path fill="none" stroke="$s" stroke-width="3" stroke-dasharray="6 5" d="M92 92q16 8 22 38"/>)"},
    {"TOT",
     R"(<path fill="none" stroke="$d" stroke-width="7" d="M72 84V58q28-38 56 0v26"/><path fill="$m" d="M44 78h112l10 88H34z"/><path fill="$d" d="M44 78h112l2 12H42z" opacity=".6"/><path fill="$s" d="M88 112h24v16H88z"/>)",
     R"(<path fill="none" stroke="$d" stroke-width="6" d="M66 72q4-44 34-44t34 44"/><path fill="$m" d="M32 70h136l-16 98H48z"/><path fill="$s" d="M38 112h124l-4 26H42z" opacity=".85"/><path fill="$d" d="M32 70h136l-1 8H33z"/>)"},
    {"CRS",
     R"(<path fill="none" stroke="$d" stroke-width="5" d="M48 96Q40 20 100 20t52 76"/><rect x="40" y="90" width="120" height="78" rx="14" fill="$m"/><path fill="$d" d="M40 104q0-14 14-14h92q14 0 14 14 0 34-60 36-60-2-60-36z"/><rect x="91" y="128" width="18" height="20" rx="4" fill="$s"/>)", R"(<path fill="none" stroke="$d" stroke-width="5" d="M44 104Q60 18 100 18t56 86"/><path fill="$m" d="M30 96h140q0 68-70 68T30 96z"/><path fill="$d" d="M30 92h140v14H30z"/><path stroke="$s" stroke-width="4" d="M44 99h112"/><circle cx="150" cy="99" r="5" fill="$s"/>)"},
    {"BKP",
     R"(<path fill="none" stroke="$d" stroke-width="6" d="M82 40q18-24 36 0"/><path fill="$d" d="M42 84h14v62H42zM144 84h14v62h-14z"/><rect x="52" y="36" width="96" height="134" rx="28" fill="$m"/><rect x="64" y="106" width="72" height="50" rx="10" fill="$d" opacity=".65"/><path stroke="$s" stroke-width="4" stroke-linecap="round" d="M72 118h56M66 80h68"/>)",
     R"(<path fill="$d" d="M44 92h14v60H44zM142 92h14v60h-14z"/><path fill="$m" d="M54 60h92v104q0 8-8 8H62q-8 0-8-8z"/><path fill="$d" d="M58 34h84l4 30H54z"/><path fill="$s" d="M92 34h16v78H92z"/><rect x="88" y="108" width="24" height="16" rx="3" fill="$w"/>)"},
    {"SCF",
     R"(<path fill="$m" d="M60 44q40 30 80 0l8 26q-48 34-96 0z"/><path fill="$d" d="M84 76l30 2 6 80H88z"/><path fill="$m" d="M70 74l32 8-12 84-34-4z"/><path stroke="$s" stroke-width="5" d="M64 118l32 4M61 138l32 4M92 118h26M91 138h28"/><g stroke="$d" stroke-width="3"><path d="M58 162l-2 12M68 164l-2 12M78 165l-1 12M88 166l-1 12"/></g>)",
     R"(<rect x="40" y="46" width="120" height="104" rx="8" fill="$m"/><path fill="$s" d="M40 66h120v10H40zM40 120h120v10H40zM60 46h10v104H60zM130 46h10v104h-10z" opacity=".75"/><g stroke="$d" stroke-width="4"><path d="M46 150v16M60 150v16M74 150v16M88 150v16M102 150v16M116 150v16M130 150v16M144 150v16M156 150v16"/></g>)"},
    {"HAT",
     R"(<path fill="$m" d="M46 128q-4-74 54-74t54 74z"/><rect x="38" y="116" width="124" height="34" rx="14" fill="$d"/><circle cx="100" cy="48" r="15" fill="$s"/><g stroke="$l" stroke-width="3" opacity=".6"><path d="M56 122v22M72 122v22M88 122v22M104 122v22M120 122v22M136 122v22"/></g>)",
     R"(<path fill="$m" d="M62 118q0-58 38-58t38 58z"/><path fill="$m" d="M18 130q82-34 164 0-20 22-82 22t-82-22z"/><path fill="$s" d="M62 104q38 12 76 0v16q-38 12-76 0z"/>)"},
    {"BLT",
     R"(<path fill="none" stroke="$m" stroke-width="20" d="M100 44a56 56 0 1 1-2 0"/><rect x="76" y="30" width="44" height="32" rx="6" fill="none" stroke="$s" stroke-width="7"/><path stroke="$s" stroke-width="5" d="M98 46h24"/><g fill="$d"><circle cx="54" cy="68" r="3"/><circle cx="46" cy="88" r="3"/><circle cx="45" cy="108" r="3"/></g>)",
     R"(<path fill="$m" d="M14 84h146q20 16 0 32H14z"/><rect x="14" y="74" width="40" height="52" rx="8" fill="none" stroke="$s" stroke-width="8"/><path stroke="$s" stroke-width="6" d="M34 100h26"/><rect x="70" y="82" width="12" height="36" rx="3" fill="$d"/><g fill="$d"><circle cx="104" cy="100" r="3.4"/><circle cx="118" cy="100" r="3.4"/><circle cx="132" cy="100" r="3.4"/><circle cx="146" cy="100" r="3.4"/></g>)"},
    {"SUN",
     R"(<path fill="none" stroke="$m" stroke-width="7" d="M22 84h156M84 92q16-14 32 0"/><circle cx="58" cy="104" r="32" fill="$k" stroke="$m" stroke-width="8"/><circle cx="142" cy="104" r="32" fill="$k" stroke="$m" stroke-width="8"/><path stroke="$w" stroke-width="5" stroke-linecap="round" opacity=".45" d="M44 98l16-14M128 98l16-14"/>)",
     R"(<path fill="$k" stroke="$m" stroke-width="8" stroke-linejoin="round" d="M20 78l66 6q2 44-30 46T20 78zM180 78l-66 6q-2 44 30 46t36-52z"/><path fill="none" stroke="$m" stroke-width="8" d="M86 88q14-8 28 0"/><path stroke="$w" stroke-width="5" stroke-linecap="round" opacity=".45" d="M42 104l14-12M136 104l14-12"/>)"},
    {"WCH",
     R"(<path fill="$d" d="M80 18h40l4 46H76zM76 136h48l-4 46H80z"/><circle cx="100" cy="100" r="46" fill="$m"/><circle cx="100" cy="100" r="36" fill="$w"/><g stroke="$k" stroke-width="4" stroke-linecap="round"><path d="M100 100V76M100 100l16 10M100 68v4M100 128v4M68 100h4M128 100h4"/></g><rect x="145" y="95" width="8" height="10" rx="2" fill="$d"/>)",
     R"(<path fill="$k" d="M82 16h36l4 48H78zM78 136h44l-4 48H82z" opacity=".85"/><circle cx="100" cy="100" r="46" fill="$m"/><circle cx="100" cy="100" r="36" fill="$k"/><g fill="none" stroke="$w" stroke-width="3" stroke-linecap="round"><path d="M100 100L86 82M100 100l20-8"/><circle cx="100" cy="116" r="8"/><circle cx="100" cy="100" r="31" stroke-dasharray="2 14"/></g>)"},
    {"EAR",
     R"(<g fill="none" stroke="$m" stroke-width="10"><circle cx="62" cy="112" r="32"/><circle cx="138" cy="112" r="32"/></g><g fill="none" stroke="$d" stroke-width="4"><path d="M62 80V66q-10-6-10 6M138 80V66q-10-6-10 6"/></g><path stroke="$w" stroke-width="4" fill="none" opacity=".6" d="M36 100q4-12 14-17M112 100q4-12 14-17"/>)",
     R"(<g fill="none" stroke="$d" stroke-width="4"><path d="M64 76V50q-12-8-12 8M136 76V50q-12-8-12 8"/></g><g fill="$m"><path d="M64 72l24 40-24 48-24-48zM136 72l24 40-24 48-24-48z"/></g><g fill="$l"><path d="M64 72l24 40H64zM136 72l24 40h-24z"/></g><circle cx="64" cy="74" r="7" fill="$w"/><circle cx="136" cy="74" r="7" fill="$w"/>)"},
    {"NCK",
     R"(<path fill="none" stroke="$m" stroke-width="5" stroke-dasharray="7 3" d="M40 30q4 90 60 100 56-10 60-100"/><path fill="$m" d="M100 128l18 22-18 26-18-26z"/><path fill="$l" d="M100 128l18 22h-18z"/>)",
     R"(<g fill="none" stroke="$m"><path stroke-width="4" d="M56 28q2 60 44 66 42-6 44-66"/><path stroke-width="4" d="M44 28q4 92 56 100 52-8 56-100"/></g><g fill="$l" stroke="$d" stroke-width="1.5"><circle cx="52" cy="78" r="8"/><circle cx="62" cy="100" r="9"/><circle cx="78" cy="118" r="10"/><circle cx="100" cy="128" r="12"/><circle cx="122" cy="118" r="10"/><circle cx="138" cy="100" r="9"/><circle cx="148" cy="78" r="8"/></g>)"},
    {"LMP",
     R"(<path fill="#fff3c4" opacity=".7" d="M46 98h108l26 76H20z"/><path fill="$s" d="M92 96h16v58H92z"/><ellipse cx="100" cy="164" rx="38" ry="10" fill="$d"/><path fill="$m" d="M70 34h60l26 66H44z"/><path fill="$d" opacity=".4" d="M44 94h112l2 6H42z"/>)",
     R"(<path fill="#fff3c4" opacity=".6" d="M40 100h120l20 70H20z"/><path fill="$d" d="M94 92h12v60H94z"/><path fill="$d" d="M62 152h76q4 16-8 18H70q-12-2-8-18z"/><path fill="$m" d="M34 100q4-68 66-68t66 68z"/><path fill="$l" opacity=".6" d="M52 92q6-44 44-50-30 14-32 50z"/>)"},
    {"CSH",
     R"(<path fill="$m" d="M36 44q64 14 128 0-12 56 0 116-64-12-128 0 12-60 0-116z"/><path fill="none" stroke="$d" stroke-width="3" d="M42 51q58 11 116 0-10 50 0 102-58-10-116 0 10-52 0-102z" opacity=".6"/>)",
     R"(<path fill="$m" d="M36 44q64 14 128 0-12 56 0 116-64-12-128 0 12-60 0-116z"/><g fill="none" stroke="$s" stroke-width="4"><path d="M100 66l36 36-36 36-36-36z"/><path d="M100 82l20 20-20 20-20-20z"/></g><g fill="$s"><circle cx="38" cy="46" r="7"/><circle cx="162" cy="46" r="7"/><circle cx="38" cy="158" r="7"/><circle cx="162" cy="158" r="7"/></g>)"},
    {"THR",
     R"(<path fill="$d" d="M36 60h128v100H36z"/><path fill="$m" d="M36 48h128v84H36z"/><path fill="$s" d="M36 60h128v10H36zM36 108h128v10H36z" opacity=".8"/><g stroke="$d" stroke-width="4"><path d="M42 160v14M56 160v14M70 160v14M84 160v14M98 160v14M112 160v14M126 160v14M140 160v14M156 160v14"/></g>)",
     R"(<path fill="$m" d="M52 30h96q8 60 0 136-48 10-96 0-8-76 0-136z"/><g stroke="$l" stroke-width="3" opacity=".6" fill="none"><path d="M56 50l12 12 12-12 12 12 12-12 12 12 12-12 12 12M56 80l12 12 12-12 12 12 12-12 12 12 12-12 12 12M56 110l12 12 12-12 12 12 12-12 12 12 12-12 12 12M56 140l12 12 12-12 12 12 12-12 12 12 12-12 12 12"/></g><path fill="$d" d="M50 160q50 12 100 0l1 8q-51 12-102 0z"/>)"},
    {"VAS",
     R"(<path fill="none" stroke="#7c8f6a" stroke-width="4" stroke-linecap="round" d="M98 72Q94 40 82 22M102 72q6-26 20-40"/><path fill="#9db087" d="M82 22q-16 4-14 20 16-2 14-20zM122 32q16 0 18 16-16 2-18-16z"/><path fill="$m" d="M84 66h32q-4 22 14 40 26 30 2 66H68q-24-36 2-66 18-18 14-40z"/><path fill="$l" opacity=".5" d="M74 116q-18 22-6 46-16-24-2-44z"/>)",
     R"(<path fill="none" stroke="#7c8f6a" stroke-width="4" d="M100 60V26"/><g fill="$s"><circle cx="100" cy="22" r="9"/><circle cx="90" cy="28" r="7"/><circle cx="110" cy="28" r="7"/></g><path fill="$m" d="M88 56h24v34q34 12 34 46 0 28-22 36H76q-22-8-22-36 0-34 34-46z"/><path fill="$d" opacity=".4" d="M56 126q44 18 88 0l1 10q-45 18-90 0z"/>)"},
    {"MUG",
     R"(<path fill="none" stroke="$d" stroke-width="11" d="M136 86q34-6 34 26t-40 26"/><path fill="$m" d="M46 64h94v78q0 24-24 24H70q-24 0-24-24z"/><ellipse cx="93" cy="64" rx="47" ry="11" fill="$d"/><ellipse cx="93" cy="65" rx="39" ry="7" fill="#5a3a26"/><path fill="none" stroke="$k" stroke-width="3" stroke-linecap="round" opacity=".3" d="M80 44q-8-8 0-16M100 44q-8-8 0-16"/>)",
     R"(<path fill="none" stroke="$s" stroke-width="9" d="M132 92q32-2 28 22t-36 20"/><path fill="$m" d="M50 70h86l-8 84q-2 12-14 12H72q-12 0-14-12z"/><path fill="$s" d="M50 70h86l-1 10H51z"/><path fill="$l" opacity=".5" d="M62 90h10l4 60h-8z"/>)"},
    {"CND",
     R"(<path fill="#ffcf6b" d="M100 26q16 20 0 34-16-14 0-34z"/><path stroke="$k" stroke-width="3" d="M100 56v16"/><ellipse cx="100" cy="74" rx="44" ry="10" fill="$w"/><path fill="$m" d="M56 74v82q0 14 44 14t44-14V74q0 10-44 10T56 74z"/><rect x="74" y="104" width="52" height="36" rx="4" fill="$w"/><path stroke="$d" stroke-width="3" d="M84 116h32M90 126h20"/>)",
     R"(<path fill="#ffcf6b" d="M76 44q12 16 0 26-12-10 0-26zM124 54q12 14 0 24-12-10 0-24z"/><path stroke="$k" stroke-width="3" d="M76 68v10M124 76v10"/><path fill="$m" d="M56 78h40v92H56z"/><path fill="$s" d="M104 86h40v84h-40z"/><path fill="$l" opacity=".5" d="M60 82h8v84h-8zM108 90h8v76h-8z"/>)"},
    {"RUG",
     R"(<path fill="$m" d="M34 52h132v98H34z"/><path fill="none" stroke="$s" stroke-width="5" d="M46 64h108v74H46z"/><path fill="$s" d="M100 74l32 27-32 27-32-27z"/><path fill="$m" d="M100 86l18 15-18 15-18-15z"/><g stroke="$d" stroke-width="3"><path d="M34 56H22M34 70H22M34 84H22M34 98H22M34 112H22M34 126H22M34 144H22M166 56h12M166 70h12M166 84h12M166 98h12M166 112h12M166 126h12M166 144h12"/></g>)",
     R"(<ellipse cx="100" cy="102" rx="80" ry="62" fill="$m"/><g fill="none" stroke-width="6"><ellipse cx="100" cy="102" rx="64" ry="49" stroke="$s"/><ellipse cx="100" cy="102" rx="46" ry="35" stroke="$d"/><ellipse cx="100" cy="102" rx="28" ry="21" stroke="$l"/></g><ellipse cx="100" cy="102" rx="12" ry="9" fill="$s"/>)"},
    {"BED",
     R"(<path fill="$d" d="M28 46h144v30H28z"/><rect x="38" y="58" width="56" height="32" rx="12" fill="$w"/><rect x="106" y="58" width="56" height="32" rx="12" fill="$w"/><path fill="$m" d="M26 90q74-14 148 0v70H26z"/><path fill="$l" d="M26 90q74-14 148 0v16q-74-14-148 0z"/><path fill="$k" d="M26 160h10v12H26zM164 160h10v12h-10z"/>)", R"(<rect x="40" y="116" width="120" height="24" rx="10" fill="$d"/><rect x="36" y="138" width="128" height="28" rx="12" fill="$m"/><rect x="46" y="90" width="108" height="28" rx="12" fill="$m"/><path fill="$s" d="M90 84h20v84H90z"/><path fill="$s" d="M100 84q-30-30-34-8 6 10 34 8 28 2 34-8-4-22-34 8z"/>)"},
    {"BWL",
     R"(<path fill="$m" d="M24 88h152q-4 70-58 76H82q-54-6-58-76z"/><ellipse cx="100" cy="88" rx="76" ry="16" fill="$d"/><ellipse cx="100" cy="90" rx="66" ry="11" fill="$l"/><path fill="$d" d="M80 164h40l4 8H76z"/>)",
     R"(<circle cx="76" cy="72" r="22" fill="#d9803a"/><circle cx="116" cy="66" r="24" fill="#b9c05a"/><circle cx="140" cy="78" r="16" fill="#c2503f"/><path fill="$m" d="M26 82h148q-8 72-52 80H78q-44-8-52-80z"/><path fill="$s" d="M30 102q70 12 140 0l-2 10q-68 12-136 0z"/><path fill="$d" d="M78 162h44l4 10H74z"/>)"},
    {"CLK",
     R"(<circle cx="100" cy="100" r="72" fill="$m"/><circle cx="100" cy="100" r="60" fill="$w"/><g stroke="$k" stroke-width="5" stroke-linecap="round"><path d="M100 100V58M100 100l30 16M100 46v6M100 148v6M46 100h6M148 100h6"/></g><circle cx="100" cy="100" r="6" fill="$s"/>)",
     R"(<rect x="56" y="24" width="88" height="152" rx="20" fill="$m"/><circle cx="100" cy="74" r="34" fill="$w"/><g stroke="$k" stroke-width="4" stroke-linecap="round"><path d="M100 74V52M100 74l16 8"/></g><path stroke="$s" stroke-width="4" d="M100 112v34"/><circle cx="100" cy="150" r="12" fill="$s"/>)"},
    {"PLT",
     R"(<g fill="#6f8f5e"><path d="M100 96Q60 80 56 34q42 8 44 62zM100 96q40-16 44-62-42 8-44 62z"/><path d="M100 98Q78 60 100 20q22 40 0 78z" fill="#88a873"/></g><path fill="$m" d="M56 94h88l-12 76H68z"/><path fill="$d" d="M50 88h100v16H50z"/>)",
     R"(<g stroke="$s" stroke-width="3" fill="none"><path d="M100 14L56 100M100 14l44 86M100 14v86"/></g><g fill="#7d9a66"><ellipse cx="70" cy="96" rx="14" ry="24"/><ellipse cx="130" cy="96" rx="14" ry="24"/><ellipse cx="100" cy="88" rx="16" ry="26"/></g><path fill="$m" d="M48 106h104q-2 60-52 62-50-2-52-62z"/><path fill="$l" opacity=".5" d="M60 116q4 34 30 44-22-16-22-44z"/>)"},
    {"MIR",
     R"(<circle cx="100" cy="100" r="76" fill="$m"/><circle cx="100" cy="100" r="66" fill="#dfe9ee"/><path fill="#fff" opacity=".7" d="M56 112l56-56 14 10-60 60zM84 138l56-56 6 6-56 56z"/>)",
     R"(<path fill="$m" d="M48 178V88q0-66 52-66t52 66v90z"/><path fill="#dfe9ee" d="M58 168V88q0-56 42-56t42 56v80z"/><path fill="#fff" opacity=".7" d="M70 110l54-54 10 14-64 64z"/>)"},
    {"CRM",
     R"(<rect x="50" y="86" width="100" height="78" rx="16" fill="$m"/><rect x="44" y="52" width="112" height="40" rx="10" fill="$s"/><rect x="66" y="108" width="68" height="36" rx="5" fill="$w"/><path stroke="$d" stroke-width="3" d="M78 120h44M88 131h24"/>)",
     R"(<rect x="68" y="64" width="64" height="108" rx="14" fill="$m"/><path fill="$s" d="M84 44h32v22H84zM76 34h40l10 10H76z"/><rect x="78" y="96" width="44" height="48" rx="4" fill="$w"/><path stroke="$d" stroke-width="3" d="M86 110h28M86 122h28M92 133h16"/>)"},
    {"SRM",
     R"(<path fill="$d" d="M88 24h24v30H88z"/><path fill="$k" d="M82 52h36v18H82z"/><path fill="$m" d="M78 70h44q18 12 18 30v60q0 12-12 12H72q-12 0-12-12v-60q0-18 18-30z"/><rect x="68" y="108" width="64" height="44" rx="4" fill="$w"/><path stroke="$d" stroke-width="3" d="M78 122h44M86 134h28"/>)",
     R"(<path fill="$k" d="M90 20h20v22H90z"/><path fill="$s" d="M84 40h32v22H84z"/><rect x="70" y="62" width="60" height="110" rx="8" fill="$m"/><path fill="$w" d="M70 92h60v50H70z"/><path fill="$d" d="M100 100q14 18 0 28-14-10 0-28z"/>)"},
    {"SHP",
     R"(<path fill="$k" d="M88 26h34v10h-14v18h-16V36h-4z"/><rect x="58" y="54" width="84" height="118" rx="18" fill="$m"/><rect x="70" y="84" width="60" height="62" rx="5" fill="$w"/><path stroke="$d" stroke-width="3" d="M80 100h40M80 112h40M88 124h24"/>)",
     R"(<rect x="80" y="24" width="40" height="26" rx="6" fill="$s"/><path fill="$m" d="M72 50h56q14 10 14 28v82q0 12-12 12H70q-12 0-12-12V78q0-18 14-28z"/><path fill="$w" d="M58 96h84v46H58z"/><path stroke="$d" stroke-width="3" d="M72 112h56M82 126h36"/>)"},
    {"HND",
     R"(<path fill="$m" d="M58 26h84l-16 116H74z"/><path fill="$d" d="M58 26h84l-1 9H59z"/><rect x="76" y="142" width="48" height="30" rx="6" fill="$s"/><path fill="$w" d="M72 62h56l-6 50H78z"/><path stroke="$d" stroke-width="3" d="M82 78h36M86 92h28"/>)",
     R"(<rect x="36" y="92" width="128" height="70" rx="35" fill="$m"/><rect x="36" y="78" width="128" height="44" rx="22" fill="$s"/><ellipse cx="100" cy="98" rx="44" ry="12" fill="$w"/><path stroke="$d" stroke-width="3" d="M78 98h44"/>)"},
    {"LIP",
     R"(<path fill="$m" d="M84 84V40q20-26 32 0v44z"/><rect x="78" y="82" width="44" height="34" fill="$l"/><rect x="70" y="114" width="60" height="60" rx="4" fill="$k"/><path fill="$s" d="M70 122h60v6H70z"/>)",
     R"(<g transform='rotate(28 100 100)'><path fill="$m" d="M86 64l14-40 14 40z"/><rect x="82" y="62" width="36" height="96" rx="6" fill="$d"/><path fill="$w" d="M82 84h36v6H82zM82 132h36v6H82z"/></g><path fill="none" stroke="$m" stroke-width="9" stroke-linecap="round" d="M30 160q26-22 52-4t40-6"/>)"},
    {"PRF",
     R"(<rect x="84" y="24" width="32" height="30" rx="4" fill="$s"/><path fill="$k" d="M90 52h20v14H90z"/><rect x="48" y="66" width="104" height="104" rx="18" fill="$m"/><rect x="62" y="82" width="76" height="74" rx="10" fill="$l" opacity=".65"/><rect x="76" y="102" width="48" height="32" rx="3" fill="$w"/><path stroke="$d" stroke-width="3" d="M84 118h32"/>)", R"(<circle cx="100" cy="38" r="18" fill="$s"/><path fill="$k" d="M90 54h20v14H90z"/><circle cx="100" cy="120" r="54" fill="$m"/><circle cx="100" cy="120" r="42" fill="$l" opacity=".6"/><path fill="#fff" opacity=".6" d="M68 104q8-20 28-24-18 10-22 28z"/><path stroke="$d" stroke-width="3" d="M82 122h36"/>)"},
    {"BTH",
     R"(<rect x="54" y="34" width="92" height="26" rx="8" fill="$d"/><path fill="$m" d="M50 60h100v96q0 14-14 14H64q-14 0-14-14z"/><rect x="66" y="88" width="68" height="48" rx="5" fill="$w"/><path stroke="$d" stroke-width="3" d="M78 104h44M86 118h28"/><g fill="$w" opacity=".8"><circle cx="66" cy="150" r="4"/><circle cx="84" cy="156" r="5"/><circle cx="104" cy="150" r="4"/><circle cx="124" cy="156" r="5"/></g>)",
     R"(<g fill="$w" opacity=".9"><circle cx="56" cy="60" r="12"/><circle cx="148" cy="52" r="9"/><circle cx="136" cy="76" r="6"/></g><circle cx="76" cy="124" r="42" fill="$m"/><circle cx="134" cy="134" r="32" fill="$s"/><path fill="$l" opacity=".55" d="M46 108q10-20 30-22-16 8-20 26zM112 124q6-14 20-16-10 6-12 18z"/>)"},
    {"SPF",
     R"(<g fill="#f5c04a"><circle cx="146" cy="46" r="18"/><path d="M143 14h6v10h-6zM176 43h10v6h-10zM167 22l5 5-8 6-3-4z"/></g><rect x="62" y="64" width="66" height="108" rx="16" fill="$m"/><rect x="72" y="36" width="46" height="32" rx="6" fill="$s"/><circle cx="95" cy="118" r="22" fill="$w"/><path stroke="$d" stroke-width="4" d="M84 118h22M95 107v22"/>)",
     R"(<g fill="#f5c04a"><circle cx="54" cy="50" r="18"/><path d="M51 16h6v12h-6zM14 47h12v6H14zM26 22l8 8-4 4-8-8z"/></g><path fill="$m" d="M74 40h70l-12 108H86z"/><rect x="88" y="146" width="42" height="26" rx="5" fill="$s"/><path fill="$w" d="M84 76h52l-5 44H89z"/><path stroke="$d" stroke-width="3" d="M94 90h32M97 104h26"/>)"},
};

#undef GE_LINES

constexpr std::string_view kBox =
    R"(<rect x="50" y="60" width="100" height="100" rx="8" fill="$m"/><path fill="$d" d="M50 60h100v18H50z"/>)";

}  // namespace

std::string_view drawing_of(std::string_view code, unsigned form) {
  for (const Drawing& drawing : kDrawings) {
    if (drawing.code == code) return form == 0 ? drawing.first : drawing.second;
  }
  return kBox;
}

}  // namespace vcommerce::catalogue
