#include "words.h"

namespace vcommerce::catalogue {
namespace {

constexpr SizeLadder kLadders[] = {
    {"clothes", "XS|S|M|L|XL|XXL", false},
    {"waist", "26|27|28|29|30|31|32|33|34|36", false},
    {"shoes", "36|37|38|39|40|41|42|43|44|45|46", false},
    {"shoes_small", "35|36|37|38|39|40|41|42", false},
    {"shoes_soft", "36/37|38/39|40/41|42/43|44/45", false},
    {"hats", "S/M|L/XL", false},
    {"belts", "75 cm|80 cm|85 cm|90 cm|95 cm|100 cm|105 cm", false},
    {"one", "One size", true},
    {"cushions", "40x40 cm|45x45 cm|50x50 cm|30x60 cm", true},
    {"rugs", "60x90 cm|80x150 cm|140x200 cm|170x240 cm", true},
    {"beds", "Single|Double|King", true},
    {"candles", "180 g|220 g|300 g|480 g", true},
    {"cream", "50 ml|75 ml", true},
    {"serum", "30 ml|50 ml", true},
    {"wash", "200 ml|250 ml|300 ml", true},
    {"tube", "40 ml|50 ml|75 ml", true},
    {"stick", "3.5 g|4 g", true},
    {"perfume", "30 ml|50 ml|100 ml", true},
    {"bath", "250 g|400 g|500 g", true},
    {"sun", "50 ml|100 ml|150 ml", true},
};

constexpr Brand kBrands[] = {
    {"Hollin & Ferry", "AC", 118},    {"Norrstrand", "ASC", 105},        {"Calder Row", "AS", 100},
    {"Maren Voss", "AC", 135},        {"Tidewick", "ASC", 88},           {"Otterby", "ACH", 92},
    {"Fernhollow", "ABH", 98},        {"Pellow & Daughters", "SC", 122}, {"Brackwell Mill", "AH", 110},
    {"Saltmere", "ACB", 96},          {"Kestrel Works", "SC", 104},      {"O'Hanlan Lane", "SC", 112},
    {"Thistledown Eleven", "AC", 84}, {"Vandermoor", "ASC", 128},        {"Little Harbour Goods", "CH", 90},
    {"Lumenfold", "H", 116},          {"Wrenfield Pottery", "H", 102},   {"Aldersund", "H", 108},
    {"Quillon House", "H", 132},      {"Plover & Reed", "HC", 95},       {"Sundmark", "H", 86},
    {"Rosalba Fen", "B", 124},        {"Dr. Halvard Lind", "B", 112},    {"Meadow Apothecary", "BH", 94},
    {"Bare Pebble", "B", 85},         {"Isolde Maar", "BC", 138},
};

constexpr Material kMaterials[] = {
    {"linen", "Linen",
     "The linen is woven from European flax and softens with every wash.|Linen creases, breathes and lasts.",
     "Wash at 40 °C, dry in the shade.", "linen|summer"},
    {"viscose", "",
     "The viscose comes from certified wood and drapes like silk.|Cool against the skin, with a quiet shine.",
     "Hand wash or 30 °C gentle, iron damp.", "flowing"},
    {"organic cotton", "Cotton",
     "The cotton is organic and spun without chlorine.|Organic cotton, washed before it is cut, so that it stays the "
     "size it is.",
     "Wash at 40 °C, iron warm.", "organic|cotton"},
    {"crinkle cotton", "Crinkle", "Crinkled cotton never asks for an iron.|A fine cotton with creases on purpose.",
     "Wash at 30 °C, hang to dry, do not iron.", "cotton|summer"},
    {"silk blend", "Silk",
     "One third silk, two thirds cotton: lustre without fuss.|The silk in it shines, the cotton holds it together.",
     "Hand wash cold, iron on the wrong side.", "silk|evening"},
    {"ribbed jersey", "Ribbed",
     "A heavy jersey that follows and forgives.|The rib springs back after a long day of sitting.",
     "Wash at 30 °C, dry flat.", "stretch"},
    {"slub cotton", "Slub", "Uneven yarn gives the slub cotton its grain.|Dry to the touch, as good cotton was.",
     "Wash at 40 °C.", "cotton"},
    {"recycled cotton", "Recycled",
     "Spun from cutting-room scraps, no dye needed for half of it.|Recycled cotton with a share of new for strength.",
     "Wash at 40 °C, low tumble.", "recycled|cotton"},
    {"merino wool", "Merino",
     "Extra-fine merino of 18.5 micron, from farms without mulesing.|Merino warms when it is cold and does not smell "
     "when it is not.",
     "Wool cycle cold, dry flat.", "wool|warm"},
    {"hemp blend", "Hemp", "Hemp needs little water and no pesticide.|The hemp makes it tougher than it looks.",
     "Wash at 40 °C.", "hemp|sustainable"},
    {"brushed flannel", "Flannel", "Brushed on both sides, warm from the first second.|A flannel that does not pill.",
     "Wash at 40 °C, low tumble.", "warm|winter"},
    {"chambray", "Chambray", "Blue warp, white weft: the lighter cousin of denim.|The chambray pales kindly.",
     "Wash at 30 °C.", "cotton|blue"},
    {"cotton poplin", "Poplin", "Fine poplin with a crisp hand.|The poplin is two-fold and smooth.",
     "Wash at 40 °C, iron hot.", "cotton|office"},
    {"recycled crepe", "Crepe",
     "The crepe is made of what were bottles.|A matt crepe that does not crease on the train.",
     "Wash at 30 °C, do not tumble.", "recycled|office"},
    {"lambswool", "Lambswool",
     "First-shearing wool, spun in the hills where it grew.|The lambswool is soft and a little rustic.",
     "Hand wash cold, dry flat.", "wool|warm|winter"},
    {"alpaca blend", "Alpaca", "Alpaca is lighter than it is warm.|A halo of alpaca over a core of wool.",
     "Hand wash cold, dry flat.", "alpaca|warm"},
    {"cotton knit", "Knitted", "A cotton knit for those whom wool tickles.|Heavy cotton yarn, knitted tight.",
     "Wash at 30 °C, dry flat.", "cotton"},
    {"recycled cashmere", "Cashmere", "Old cashmere, carded and spun anew.|As soft as cashmere because it is cashmere.",
     "Hand wash cold with wool soap, dry flat.", "cashmere|recycled|gift"},
    {"mohair blend", "Mohair", "Mohair gives it the bloom.|Kid mohair on a silk core.", "Hand wash cold, do not brush.",
     "warm|soft"},
    {"organic denim", "Denim",
     "Twelve-ounce denim of organic cotton.|The denim is dyed with a third of the usual water.",
     "Wash inside out at 30 °C, and seldom.", "denim|organic"},
    {"selvedge denim", "Selvedge",
     "Woven on a shuttle loom, with the red edge to show for it.|Fourteen ounces and no stretch: give it a month.",
     "Soak cold, hang to dry.", "denim|raw"},
    {"stretch denim", "Stretch", "Two percent elastane and not more.|The denim gives where you need it.",
     "Wash at 30 °C inside out.", "denim|stretch"},
    {"recycled denim", "Denim", "A fifth of the denim was jeans before.|Recycled yarn in the weft, new in the warp.",
     "Wash at 30 °C inside out.", "denim|recycled"},
    {"wool blend", "Wool", "Wool with a little nylon where it wears.|The wool sheds rain and wrinkles.",
     "Brush, air, dry clean when needed.", "wool|winter"},
    {"cotton twill", "Twill",
     "A twill that takes a crease and keeps it.|Garment-dyed twill, a little paler at the seams.", "Wash at 30 °C.",
     "cotton"},
    {"waxed cotton", "Waxed",
     "Waxed cotton keeps the rain out and shows its years.|Re-wax it once a year by the stove.",
     "Sponge clean, never wash.", "rainproof|outdoor"},
    {"recycled nylon", "Ripstop",
     "Nylon that was fishing nets.|Light ripstop with a water-repellent finish without PFAS.",
     "Wash at 30 °C, no softener.", "recycled|rainproof"},
    {"boiled wool", "Wool", "Boiled wool stops the wind without a lining.|Felted until it no longer frays.",
     "Brush and air.", "wool|warm"},
    {"brushed fleece", "Fleece", "Loopback outside, brushed inside.|A fleece of cotton, not of plastic.",
     "Wash at 40 °C.", "warm|casual"},
    {"french terry", "Terry", "French terry of 320 grams.|Smooth outside, looped inside.", "Wash at 40 °C.", "casual"},
    {"vegan leather", "Vegan", "A leather of apple skins and cotton.|No animal, no PVC.", "Wipe with a damp cloth.",
     "vegan"},
    {"canvas", "Canvas", "Heavy canvas of 16 ounces.|The canvas is organic and unbleached underneath the dye.",
     "Brush, then spot clean.", "cotton|casual"},
    {"recycled mesh", "Mesh", "The mesh is knitted from bottles, in one piece.|It breathes where feet get hot.",
     "Wipe clean, air dry.", "recycled|light|sport"},
    {"suede", "Suede", "Calf suede with a short nap.|The suede is treated against rain.",
     "Brush dry, protect with spray.", "leather|soft"},
    {"full-grain leather", "Leather",
     "Full-grain leather, tanned with bark.|The leather is a by-product and shows its life.",
     "Feed with balm twice a year.", "leather|classic"},
    {"waxed leather", "Leather", "Pull-up leather that lightens where it bends.|Waxed leather forgives scratches.",
     "Brush and wax.", "leather|outdoor"},
    {"patent leather", "Patent", "Patent leather with a mirror finish.|The shine is lacquer, the rest is calf.",
     "Wipe with a soft cloth.", "leather|evening"},
    {"satin", "Satin", "Satin of recycled polyester over a soft lining.|The satin is matt enough for daylight.",
     "Spot clean only.", "evening|wedding"},
    {"wool felt", "Felt",
     "Wool felt, three millimetres, pressed and not woven.|The felt is made of wool and soap, nothing else.",
     "Brush; damp cloth.", "wool|warm"},
    {"recycled fleece", "Fleece", "The fleece was bottles and feels like lamb.|Warm, light, dry in an hour.",
     "Wash at 30 °C in a bag.", "recycled|warm"},
    {"woven straw", "Straw", "Raffia, woven by hand.|The straw smells of hay on warm days.",
     "Keep dry, reshape with steam.", "summer|beach"},
    {"bio acetate", "", "Acetate of cotton and wood, polished for three days.|The frame is made without oil.",
     "Rinse, then wipe with the cloth.", "sustainable|summer"},
    {"recycled acetate", "", "Acetate from offcuts of other frames.|No two frames have the same pattern.",
     "Rinse, then wipe with the cloth.", "recycled|summer"},
    {"stainless steel", "Steel", "Surgical steel, brushed by hand.|Steel that takes a knock and a sea.",
     "Rinse after salt water.", "durable"},
    {"titanium", "Titanium", "Titanium weighs half of steel.|Grey, light and good to skin.", "Soap and water.",
     "durable|light"},
    {"brushed brass", "Brass",
     "Solid brass that darkens where it is not touched.|Brushed, not lacquered: it ages with you.",
     "Polish, or let it age.", "brass|warm-tone"},
    {"sterling silver", "Silver", "Sterling silver, 925 and hallmarked.|The silver is recycled from workshops.",
     "Polish with a dry cloth.", "silver|gift"},
    {"gold vermeil", "Gold", "Two and a half micron of gold over silver.|Gold vermeil that keeps its colour.",
     "Keep from perfume and water.", "gold|gift"},
    {"freshwater pearl", "Pearl", "Freshwater pearls, no two alike.|The pearls are strung on silk.",
     "Last on, first off.", "pearl|gift|wedding"},
    {"glazed ceramic", "Ceramic", "Glazed twice and fired at 1,240 degrees.|The glaze pools where the form turns.",
     "Wipe or wash by hand.", "ceramic"},
    {"opal glass", "Opal", "Opal glass, blown by mouth, spreads the light evenly.|Milky when off, golden when on.",
     "Dust with a soft cloth.", "glass"},
    {"powder-coated steel", "Steel",
     "Steel of 1.5 mm under a matt coat.|The coating takes fingerprints badly, which is good.",
     "Wipe with a damp cloth.", "modern"},
    {"oak", "Oak", "Oiled oak from managed forests.|The oak darkens to honey with the years.", "Oil once a year.",
     "wood"},
    {"walnut", "Walnut", "Walnut with the sapwood left in.|The grain is matched across the corners.",
     "Oil once a year.", "wood"},
    {"rattan", "Rattan", "Rattan, peeled and steamed into form.|Light to hang, strong to last.", "Dust with a brush.",
     "natural"},
    {"cotton velvet", "Velvet", "Cotton velvet with a short pile.|The velvet changes with the light.",
     "Vacuum gently, spot clean.", "soft"},
    {"boucle", "Boucle", "Loops of wool and cotton.|The boucle hides what cats do to it, up to a point.", "Spot clean.",
     "soft|modern"},
    {"recycled wool", "Wool",
     "Wool from old jumpers, sorted by colour instead of dyed.|Recycled wool with flecks of its former lives.",
     "Air; dry clean when needed.", "recycled|wool|warm"},
    {"jute", "Jute", "Jute from the delta, hard-wearing and golden.|The jute smells of rope for a week.",
     "Vacuum; keep dry.", "natural"},
    {"stoneware", "Stoneware", "Stoneware thrown in small batches.|Iron specks rise through the glaze.",
     "Dishwasher safe.", "handmade|ceramic"},
    {"terracotta", "Terracotta", "Unglazed terracotta that drinks a little.|Fired earth with a bloom of lime.",
     "Brush off the bloom.", "natural|garden"},
    {"recycled glass", "Glass", "Blown from bottles, with a seed or two in it.|Recycled glass with a green whisper.",
     "Wash by hand.", "recycled|glass"},
    {"enamelled steel", "Enamel", "Two coats of enamel over steel.|Chips tell where it has been.", "Dishwasher safe.",
     "camping|retro"},
    {"olive wood", "Olive Wood", "Olive wood from trees that no longer bore.|Dense, oily, alive.",
     "Wash by hand, oil now and then.", "wood|natural"},
    {"cotton percale", "Percale", "Percale: one over, one under, cool and crisp.|The percale rustles at first.",
     "Wash at 60 °C.", "cotton|cool"},
    {"bamboo lyocell", "Lyocell", "Lyocell from bamboo in a closed loop.|Smooth, cool and quick to dry.",
     "Wash at 40 °C.", "cool|sustainable"},
    {"soy wax", "", "Soy wax burns slowly and without soot.|The wax is soy, the scent is not shy.",
     "Never leave it alone.", "vegan|gift"},
    {"beeswax", "Beeswax", "Beeswax from keepers we know by name.|Beeswax smells of summer by itself.",
     "Keep cool and dry.", "natural|gift"},
    {"rapeseed wax", "", "European rapeseed instead of palm.|A wax that fills the glass to the edge.",
     "Never leave it alone.", "vegan|gift"},
    {"oat and ceramide", "Oat", "Colloidal oat calms, ceramides mend.|Oats for breakfast, oats for skin.",
     "Keep below 25 °C.", "sensitive|vegan"},
    {"squalane", "", "Squalane from olives, which skin knows.|It feels like nothing and stays all day.",
     "Keep below 25 °C.", "vegan|hydrating"},
    {"shea and jojoba", "Shea", "Shea from a women's cooperative, jojoba for the slip.|Rich without being heavy.",
     "Keep below 25 °C.", "nourishing"},
    {"aloe and cucumber", "Aloe", "Aloe juice where others put water.|Cool, green and quick to sink in.",
     "Keep below 25 °C.", "vegan|cooling"},
    {"hyaluronic acid", "", "Three weights of hyaluronic acid.|It holds a thousand times its weight in water.",
     "Keep out of the sun.", "vegan|hydrating"},
    {"vitamin C", "", "Fifteen percent vitamin C, in a form that keeps.|Brightens in about four weeks.",
     "Keep cool and dark.", "brightening|vegan"},
    {"niacinamide", "", "Five percent niacinamide, a dose with studies.|Evens tone and tames shine.",
     "Keep below 25 °C.", "vegan|balancing"},
    {"rosehip oil", "Rosehip", "Cold-pressed rosehip with its own colour.|Rosehip for skin that has seen weather.",
     "Keep cool and dark.", "natural|nourishing"},
    {"nettle and birch", "Nettle", "Nettle wakes the scalp, birch calms it.|Herbs from the edge of the wood.",
     "Close after use.", "natural|vegan"},
    {"argan oil", "Argan", "Argan oil from the Souss valley.|A drop of argan in every wash.", "Close after use.",
     "nourishing|vegan"},
    {"almond and honey", "Honey", "Almond oil and forest honey.|Sweet, but not like sweets.", "Keep below 25 °C.",
     "nourishing|gift"},
    {"bergamot and vetiver", "Bergamot", "Bergamot above, vetiver below.|Bright at first, then green and deep.",
     "Keep out of the sun.", "fresh|gift"},
    {"iris and suede", "Iris", "Iris root, cool and powdery, on suede.|It smells of old books and new gloves.",
     "Keep out of the sun.", "evening|gift"},
    {"fig and black tea", "Fig", "Green fig over black tea.|A garden with a samovar.", "Keep out of the sun.",
     "fresh|gift"},
    {"neroli and salt", "Neroli", "Orange blossom by the sea.|Neroli with a crust of salt.", "Keep out of the sun.",
     "summer|gift"},
    {"amber and smoke", "Amber", "Amber, resin and the end of a fire.|Warm, dark and long.", "Keep out of the sun.",
     "evening|gift"},
    {"sea salt and rosemary", "Rosemary",
     "Atlantic salt with rosemary from the same coast.|Salt, herbs and nothing else.", "Keep dry.", "natural|gift"},
    {"lavender and oat", "Lavender", "Lavender cut in July, oat for the skin.|For evenings that end early.",
     "Keep dry.", "calming|gift"},
    {"eucalyptus and pine", "Eucalyptus", "Eucalyptus opens the nose, pine the mood.|A forest in a jar.", "Keep dry.",
     "fresh|gift"},
    {"zinc oxide", "Mineral",
     "Zinc oxide lies on the skin and reflects.|A mineral filter for skin that minds the others.", "Keep below 25 °C.",
     "sensitive|summer"},
    {"vitamin E", "", "Vitamin E against what the sun does.|A filter with care in it.", "Keep below 25 °C.", "summer"},
};

constexpr NamedColour kColours[] = {
    {"Ink", "#22304a", "cloth|leather|denim|home"},
    {"Indigo", "#37507f", "cloth|denim"},
    {"Washed Blue", "#7f9cc0", "cloth|denim"},
    {"Black", "#23211f", "cloth|leather|denim|home|neutral"},
    {"Charcoal", "#4a4a4c", "cloth|neutral|home"},
    {"Stone Grey", "#a7a299", "cloth|home|glass"},
    {"Ecru", "#e6dcc6", "cloth|denim|home|glass"},
    {"Oat", "#d3c1a1", "cloth|home|glass"},
    {"Camel", "#bb8a52", "cloth|leather|neutral"},
    {"Cognac", "#9a5a2e", "leather"},
    {"Chestnut", "#6b3f2a", "leather|neutral|home"},
    {"Olive", "#6c7046", "cloth|leather|home|neutral"},
    {"Sage", "#9caf93", "cloth|home|glass|pack"},
    {"Forest", "#2f5744", "cloth|home|glass"},
    {"Rust", "#b3532f", "cloth|home|glass"},
    {"Mustard", "#d09a2c", "cloth|home"},
    {"Butter", "#f0dc96", "cloth|glass|pack"},
    {"Blush", "#e4b6ac", "cloth|glass|pack"},
    {"Dusty Rose", "#c58585", "cloth|home|shade"},
    {"Burgundy", "#702b3a", "cloth|leather|shade"},
    {"Plum", "#6a4262", "cloth|shade"},
    {"Lilac", "#b6a6cf", "cloth|glass|pack"},
    {"Sky", "#a9cbe0", "cloth|glass|pack"},
    {"Petrol", "#2b6675", "cloth|home|glass"},
    {"Cherry", "#b02737", "cloth|shade"},
    {"White", "#f4f1ea", "cloth|home|glass|pack|denim"},
    {"Terracotta", "#c0704c", "cloth|home|glass|shade"},
    {"Gold", "#d0a64e", "metal|home"},
    {"Silver", "#bcc0c4", "metal|home"},
    {"Rose Gold", "#d3a08a", "metal"},
    {"Gunmetal", "#565b62", "metal|neutral"},
    {"Tortoise", "#7a4a26", "neutral"},
    {"Amber Glass", "#a9652b", "pack|glass"},
    {"Rosewood", "#8f4b4a", "shade"},
    {"Coral", "#e0735c", "shade|cloth"},
    {"Nude", "#c99a82", "shade"},
    {"Fig", "#5a3550", "shade"},
};

}  // namespace

std::string_view category_name(Category category) {
  constexpr std::string_view kNames[] = {"apparel", "shoes", "accessories", "home", "beauty"};
  return kNames[static_cast<size_t>(category)];
}

std::string_view category_code(Category category) {
  constexpr std::string_view kCodes[] = {"APP", "SHO", "ACC", "HOM", "BEA"};
  return kCodes[static_cast<size_t>(category)];
}

std::span<const SizeLadder> size_ladders() { return kLadders; }
std::span<const Brand> brands() { return kBrands; }
std::span<const Material> materials() { return kMaterials; }
std::span<const NamedColour> colours() { return kColours; }

std::string_view series_names() {
  return "Marlow|Ebba|Tarn|Isla|Corran|Juniper|Hazel|Otto|Linnea|Rowan|Sorrel|Bryn|Alma|Finch|Greta|Heron|Ivo|Jolie|"
         "Kit|Lark|Mabel|Nell|Orla|Perrin|Quill|Rufus|Saga|Tilda|Una|Vesper|Wilder|Yarrow|Zola|Arlo|Birdie|Clover|Dune|"
         "Elm|Fable|Gale|Harbour|Indra|Jory|Keel|Luna|Moor|Noor|Oriel|Pike|Rhea|Skye|Thea|Umber|Vale|Wren|Anselm|Briar|"
         "Cato|Delph|Esker|Fenn|Gwen|Hollis|Inga|Jasper|Kaia|Lio|Merle|Nova|Onyx|Pia|Runa|Silas|Tove|Ulla|Viggo|Willa|"
         "Ada|Bodil|Cleo|Dag|Edda|Frey|Gus|Hilde|Iris|Jon|Kerr|Lotte|Mara";
}

// {v} variant, {m} material, {o} occasion, {s} series, {b} brand.
std::string_view openings(Category category) {
  switch (category) {
    case Category::kApparel:
      return "A {v} in {m} for {o}.|{b} made this {v} for {o}, and it shows.|The {s} is the {v} you reach for without "
             "thinking.|An honest {v} in {m}, cut in small runs.|Quiet, well made and good for {o}: the {s} by "
             "{b}.|This {v} began as a sample nobody wanted to hand back.|Some clothes are for show; this {v} is for "
             "{o}.|{m} and good pattern cutting make the {s} what it is.";
    case Category::kShoes:
      return "{v} in {m}, built for {o}.|{b} has made {v} like these for a generation.|The {s} are {v} with nothing to "
             "prove.|Put them on for {o} and forget them.|Good {v} begin with a good last; the {s} have one.|{m}, a "
             "sensible sole, and a shape that outlives the season.|Made in small runs by {b}: {v} for {o}.";
    case Category::kAccessories:
      return "The {s} finishes what the clothes began.|A {v} in {m} that asks for no attention and gets it.|{b} "
             "thought of {o} and made a {v}.|Small things decide: a {v} for {o}.|A gift that is used: the {s} in "
             "{m}.|Made to be carried, worn and handed on.|A {v} as it should be, without a logo.";
    case Category::kHome:
      return "A {v} for {o}, in {m}.|The {s} makes a room look finished.|{b} makes this {v} in a workshop with eleven "
             "people.|Useful first, beautiful at once: a {v} in {m}.|For {o}, or for the shelf where you see it every "
             "day.|A house needs few things, and a good {v} more than most.|{m} and a calm form: the {s}.";
    case Category::kBeauty:
      return "A {v} with {m} for {o}.|{b} leaves out what skin does not need.|The {s} does one thing and does it "
             "well.|Short list, long effect: a {v} with {m}.|For {o}, and for the two minutes that are yours.|A {v} "
             "from the small laboratory of {b}.|With {m}, without promises.";
  }
  return "";
}

std::string_view feature_sentences() {
  return "Comes with {1} and {2}.|Look for {1}, and for {2}.|What you will notice: {1}. What you will value: {2}.|The "
         "details are {1} and {2}.|With {1}, with {2}, and without anything that is not needed.|We asked for {1}; the "
         "makers added {2}.|Two reasons among many: {1} and {2}.|{1}; {2}; that is the whole secret.";
}

std::string_view occasions(Category category) {
  switch (category) {
    case Category::kApparel:
      return "long summer evenings|the office and what comes after|weekends in the country|city days|cool mornings|a "
             "wedding in a garden|travelling light|every day of the week";
    case Category::kShoes:
      return "cobblestones|long days on your feet|wet autumns|the way to work|a city on foot|Sunday walks|dancing";
    case Category::kAccessories:
      return "every day|evenings out|the commute|bright days|cold mornings|a birthday|a weekend away";
    case Category::kHome:
      return "small rooms|slow Sundays|a first flat|the long table|the reading corner|a hallway|a house by the sea";
    case Category::kBeauty:
      return "tired mornings|winter skin|the bathroom shelf|sensitive days|the end of the day|holidays|dry air";
  }
  return "";
}

}  // namespace vcommerce::catalogue
