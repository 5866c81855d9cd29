#include "words.h"

namespace vcommerce::catalogue {
namespace {

constexpr Category kH = Category::kHome;
constexpr Category kB = Category::kBeauty;

constexpr Kind kKinds[] = {
    {kH, "LMP", "table lamp", "one", 49, 249, 1100, 3800,
     "Table Lamp|Desk Lamp|Bedside Lamp|Mushroom Lamp|Globe Lamp|Reading Lamp",
     "glazed ceramic|brushed brass|opal glass|powder-coated steel|oak",
     "a dimmer on the cord|a textile cable of two metres|a shade that throws the light down|a switch you find in the "
     "dark|"
     "a joint that stays where you put it|a felt foot",
     "Takes an E14 bulb of up to 40 W, not included.|A warm pool of light for one armchair.|34 cm high.",
     "VAS|CSH|CLK|THR", "home"},
    {kH, "CSH", "cushion", "cushions", 19, 89, 320, 780,
     "Cushion|Scatter Cushion|Bolster|Cushion Cover|Floor Cushion|Embroidered Cushion",
     "linen|cotton velvet|wool blend|organic cotton|boucle",
     "a zip hidden in the seam|piping in another shade|a feather-free filling|embroidery on one side, plain on the "
     "other|"
     "corners that stay sharp|a tassel at each end",
     "Three of a kind make a sofa look slept on, in a good way.|The inner cushion is included.|Mix it with a throw of "
     "the "
     "same family.",
     "THR|RUG|LMP|CND", "cloth"},
    {kH, "THR", "throw", "one", 39, 179, 700, 1600,
     "Throw|Waffle Throw|Herringbone Throw|Fringed Blanket|Knitted Throw",
     "lambswool|organic cotton|alpaca blend|recycled wool|mohair blend",
     "fringes knotted by hand|a herringbone in two tones|a weave with air in it|blanket stitch on all sides|a loop for "
     "the "
     "hook|weight without heaviness",
     "130 by 180 cm: one person lying or two sitting.|Lives on the sofa, travels to the balcony.|It keeps its shape "
     "over the years.",
     "CSH|CND|SLP|MUG", "cloth"},
    {kH, "VAS", "vase", "one", 19, 119, 400, 2200, "Vase|Bud Vase|Bottle Vase|Pillar Vase|Amphora Vase|Bubble Vase",
     "glazed ceramic|recycled glass|stoneware|terracotta",
     "a neck that holds a single stem upright|a glaze that ran and was stopped in time|a watertight base|walls blown "
     "thin|a "
     "foot ring, sanded smooth|a rim turned outward",
     "Beautiful without a flower, too.|Each one differs a little from the picture.|For tulips, branches or nothing.",
     "PLT|BWL|CND|LMP", "glass"},
    {kH, "MUG", "mug", "one", 12, 39, 240, 460, "Mug|Espresso Cup|Latte Mug|Breakfast Mug|Tumbler|Camping Mug",
     "stoneware|glazed ceramic|enamelled steel|recycled glass",
     "a handle for three fingers|a rim that is thin where you drink|a base that does not ring on marble|a glaze for "
     "the "
     "dishwasher|a bare ring of clay at the foot|a volume of 320 ml",
     "The one everybody reaches for first.|Goes into the microwave and the dishwasher.|Sold one by one: breakages "
     "happen.",
     "BWL|THR|CND|SLP", "glass"},
    {kH, "CND", "scented candle", "candles", 15, 69, 260, 720,
     "Scented Candle|Votive Candle|Pillar Candle|Three-Wick Candle|Travel Candle", "soy wax|beeswax|rapeseed wax",
     "a cotton wick that burns clean|notes of fig and black tea|notes of cedar and smoke|notes of orange peel and "
     "clove|"
     "notes of tomato leaf|notes of sea salt and driftwood|a glass to keep afterwards",
     "Burns for about 45 hours.|Trim the wick to 5 mm and it will not smoke.|Light it an hour before the guests.",
     "THR|BTH|VAS|MUG", "glass"},
    {kH, "RUG", "rug", "rugs", 79, 399, 2400, 9800, "Flatweave Rug|Hearth Rug|Runner|Braided Rug|Tufted Rug|Kilim",
     "recycled wool|jute|organic cotton|wool blend",
     "a pattern woven from both sides|fringes at the short ends|a pile of 12 mm|edges bound by hand|dyes that stand "
     "the "
     "sun|a weave that hides the crumbs",
     "Put a mat under it on smooth floors.|Turn it once a year and it will wear evenly.|It lies flat from the first "
     "day.",
     "CSH|LMP|PLT|MIR", "cloth"},
    {kH, "BED", "bed linen", "beds", 59, 229, 1200, 2600,
     "Duvet Set|Bedding Set|Piped Bedding|Washed Bedding|Striped Bedding",
     "organic cotton|linen|cotton percale|bamboo lyocell|brushed flannel",
     "buttons of shell at the foot|two pillowcases|a thread count of 300 that breathes|inside ties for the corners|a "
     "washed finish from the first night|seams turned inside",
     "Iron it if you must.|Cool in July, kind in January.|A set for one bed, washed at 60 degrees.", "CSH|THR|LMP|SLP",
     "cloth"},
    {kH, "BWL", "bowl", "one", 15, 89, 350, 1500, "Serving Bowl|Salad Bowl|Breakfast Bowl|Fruit Bowl|Nesting Bowls",
     "stoneware|glazed ceramic|olive wood|recycled glass|enamelled steel",
     "a lip to pour from|a glaze with specks|a foot you can hold it by|a depth for soup|a grain unlike any other|a rim "
     "that stacks",
     "From oven to table, if you have gloves.|Big enough for a salad for four.|Wash by hand and it will outlive the "
     "table.",
     "MUG|VAS|CND|PLT", "glass"},
    {kH, "CLK", "wall clock", "one", 29, 139, 500, 1700,
     "Wall Clock|Station Clock|Kitchen Clock|Pendulum Clock|Mantel Clock",
     "oak|powder-coated steel|brushed brass|glazed ceramic|walnut",
     "a movement that does not tick|numerals you can read from the stove|a hook and a level in the box|glass over the "
     "dial|hands cut from brass|a second hand that sweeps",
     "Runs a year on one AA battery.|30 cm across.|Right twice a day at the very least.", "LMP|MIR|VAS|RUG", "home"},
    {kH, "PLT", "planter", "one", 15, 99, 600, 4200, "Planter|Hanging Planter|Plant Pot|Footed Planter|Herb Pot",
     "terracotta|stoneware|jute|powder-coated steel|glazed ceramic",
     "a hole in the base and a saucer below|a glaze inside against frost|feet that let air under|a cord for the "
     "ceiling|a "
     "rim you can lift it by|walls that breathe",
     "For a pot of up to 19 cm.|The plant is not included, the optimism is.|Indoors all year, outdoors from May.",
     "VAS|RUG|BWL|CND", "glass"},
    {kH, "MIR", "mirror", "one", 39, 299, 1800, 9000,
     "Round Mirror|Arch Mirror|Wall Mirror|Table Mirror|Full-Length Mirror",
     "oak|brushed brass|powder-coated steel|walnut|rattan",
     "glass without a tint|a frame with mitred corners|a chain to hang it by|a shelf for keys|fixings for both "
     "directions|a "
     "bevel that catches the light",
     "Makes the hallway twice as wide.|Hang it opposite the window.|The back is sealed against damp.",
     "CLK|LMP|RUG|VAS", "home"},

    {kB, "CRM", "face cream", "cream", 18, 89, 110, 190,
     "Day Cream|Night Cream|Barrier Cream|Rich Moisturiser|Gel Cream",
     "oat and ceramide|squalane|shea and jojoba|aloe and cucumber",
     "a texture between gel and cream|no perfume at all|a pump that doses|a lid that seals|a refill for half the "
     "plastic|a "
     "finish that takes make-up",
     "A pea is enough for the face.|For dry and for impatient skin.|Morning, evening, and after the sea.",
     "SRM|SPF|HND|SHP", "pack"},
    {kB, "SRM", "serum", "serum", 22, 119, 80, 140, "Day Serum|Night Serum|Hydrating Serum|Glow Drops|Repair Serum",
     "hyaluronic acid|vitamin C|niacinamide|rosehip oil|squalane",
     "a pipette that measures|a bottle that keeps the light out|a light finish without stickiness|ten ingredients and "
     "no "
     "more|a pH that skin likes|a scent of almost nothing",
     "Three drops before the cream.|Begin with every second evening.|Keep it cool and use it up within six months.",
     "CRM|SPF|LIP|BTH", "pack"},
    {kB, "SHP", "shampoo", "wash", 9, 39, 260, 480, "Shampoo|Volume Shampoo|Conditioner|Repair Shampoo|Scalp Scrub",
     "oat and ceramide|nettle and birch|argan oil|aloe and cucumber",
     "a mild foam without sulphates|a scent of herbs after rain|a bottle of recycled plastic|a formula for hard "
     "water|care "
     "for coloured hair|a pump that does not clog",
     "For every day, if you wash every day.|Massage, wait a minute, rinse.|The refill pouch fits the bottle.",
     "CRM|BTH|HND|SRM", "pack"},
    {kB, "HND", "hand cream", "tube", 7, 29, 60, 120,
     "Hand Cream|Hand Balm|Gardener's Hand Salve|Hand Lotion|Cuticle Balm",
     "shea and jojoba|beeswax|oat and ceramide|almond and honey",
     "a tube of aluminium that empties to the last|a film that is gone in a minute|a smell of fig|a smell of clean "
     "linen|a "
     "cap that stays on|enough glycerin to matter",
     "One for the bag, one for the bed.|After the washing-up and before the piano.|Suits gardeners, nurses and "
     "potters.",
     "CRM|BTH|CND|LIP", "pack"},
    {kB, "LIP", "lipstick", "stick", 12, 45, 20, 40,
     "Matte Lipstick|Satin Lipstick|Lip Tint|Tinted Lip Balm|Lip Crayon",
     "squalane|shea and jojoba|rosehip oil|beeswax",
     "colour that stays through lunch|a case that closes with a click|a bullet cut at a slant|no taste|a shade for the "
     "whole day|pigment in one stroke",
     "Line first for a sharp edge, or dab with a finger.|The case can be refilled.|Our palest shade is not shy, our "
     "darkest not sad.",
     "SRM|CRM|PRF|EAR", "shade"},
    {kB, "PRF", "perfume", "perfume", 39, 189, 180, 340, "Eau de Parfum|Eau de Toilette|Perfume Oil|Cologne|Body Mist",
     "bergamot and vetiver|iris and suede|fig and black tea|neroli and salt|amber and smoke",
     "a heart of orris|an opening like cut grass|a trail that stays polite|a bottle that fits the hand|a cap of "
     "beech|a "
     "sprayer finer than mist",
     "Two sprays; the third is for tomorrow.|It changes after an hour, for the better.|Samples come with every order.",
     "LIP|CND|BTH|NCK", "glass"},
    {kB, "BTH", "bath salts", "bath", 10, 39, 320, 640, "Bath Salts|Bath Oil|Foam Bath|Bath Bombs|Body Scrub",
     "sea salt and rosemary|lavender and oat|almond and honey|eucalyptus and pine",
     "crystals that dissolve in a minute|a wooden spoon in the lid|a jar to keep|oil that does not leave a ring|petals "
     "that "
     "do not clog the drain|a scent that fills the room",
     "Twenty minutes at 37 degrees.|Good after a long walk.|Two spoons for a bath, one for the feet.",
     "CND|HND|THR|SLP", "pack"},
    {kB, "SPF", "sunscreen", "sun", 14, 49, 90, 240,
     "Sunscreen SPF 50|Sunscreen SPF 30|Sun Milk SPF 50|Sun Stick SPF 50|Tinted Sunscreen SPF 30",
     "aloe and cucumber|squalane|zinc oxide|vitamin E",
     "broad protection against UVA and UVB|no white cast|a texture like milk|water resistance for 80 minutes|a size "
     "for "
     "the cabin bag|filters that spare the reef",
     "Two fingers long for face and neck, every two hours.|Under make-up, over serum.|Put it by the door so that you "
     "do not forget it.",
     "SUN|HAT|CRM|SND", "pack"},
};

}  // namespace

std::span<const Kind> house_kinds() { return kKinds; }

}  // namespace vcommerce::catalogue
