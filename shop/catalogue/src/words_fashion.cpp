#include "words.h"

namespace vcommerce::catalogue {
namespace {

constexpr Category kA = Category::kApparel;
constexpr Category kS = Category::kShoes;
constexpr Category kC = Category::kAccessories;

constexpr Kind kKinds[] = {
    {kA, "DRS", "dress", "clothes", 49, 189, 240, 520,
     "Wrap Dress|Shirt Dress|Slip Dress|Midi Dress|Tea Dress|Pinafore Dress|Maxi Dress|Smock Dress",
     "linen|viscose|organic cotton|crinkle cotton|linen|silk blend|ribbed jersey",
     "a tie waist that sits where you want it|deep side pockets|covered buttons down the front|a skirt that moves when "
     "you walk|sleeves that roll up and stay up|a lined bodice|a hem that falls just below the knee",
     "Wear it with trainers by day and with earrings by night.|It packs small and shakes out smooth after a "
     "journey.|Our model is 174 cm tall and wears S.|The cut is easy; take your smaller size if you are between two.",
     "SND|EAR|CRS|CDG", "cloth"},
    {kA, "TEE", "t-shirt", "clothes", 15, 49, 130, 220,
     "Crew T-Shirt|Boxy Tee|Pocket Tee|Long-Sleeve Tee|Striped Tee|V-Neck T-Shirt|Henley",
     "organic cotton|slub cotton|recycled cotton|merino wool|hemp blend",
     "a neckline that keeps its shape|side seams that do not twist|shoulder seams taped for comfort|a chest pocket big "
     "enough for a train ticket|a straight hem that can be worn out|double-stitched cuffs",
     "Good on its own, better under a jacket.|It is cut a little longer in the back.|Buy two: one of them will be "
     "borrowed.|The fit is regular, true to size.",
     "JNS|SNK|HOD|JKT", "cloth"},
    {kA, "SHT", "shirt", "clothes", 39, 119, 190, 330,
     "Button-Down Shirt|Work Shirt|Pocket Shirt|Overshirt|Camp-Collar Shirt|Band-Collar Shirt|Tunic Shirt",
     "organic cotton|linen|brushed flannel|chambray|cotton poplin",
     "a soft collar that stands without a tie|real shell buttons|a box pleat for room across the back|a locker loop|"
     "gussets at the hem|a pocket for pencil and notebook|cuffs with two settings",
     "Iron it for the office or do not for the weekend.|It layers over a tee and under a coat.|Cut straight, with "
     "room to reach for the top shelf.",
     "TRS|JNS|BLT|LOF", "cloth"},
    {kA, "BLS", "blouse", "clothes", 35, 129, 120, 240,
     "Pussybow Blouse|Peplum Blouse|Smocked Blouse|Ruffle Blouse|Puff-Sleeve Blouse|Pleated Blouse",
     "viscose|silk blend|crinkle cotton|cotton poplin|recycled crepe",
     "a bow that can be tied or left loose|volume at the sleeve, none at the cuff|fine pleats that survive the wash|a "
     "keyhole at the neck|buttons dyed to match|a smocked yoke that stretches",
     "Tuck it into tailored trousers or let it hang over jeans.|Light enough for August, elegant enough for "
     "December.|It runs true to size.",
     "TRS|SKT|NCK|HEL", "cloth"},
    {kA, "KNT", "jumper", "clothes", 55, 199, 320, 720,
     "Roll-Neck Jumper|Cable Jumper|Fisherman Jumper|Fair Isle Jumper|Raglan Jumper|Ribbed Jumper",
     "lambswool|merino wool|alpaca blend|cotton knit|recycled cashmere",
     "saddle shoulders without a seam to rub|cuffs long enough to fold|a collar that stands by itself|a pattern "
     "knitted "
     "in, not printed on|a dense rib at the waist|elbows knitted double",
     "Warm enough to replace a jacket in October.|Wash it rarely, air it often.|The fit is relaxed; it is meant to be "
     "lived in.",
     "JNS|SCF|BOT|COT", "cloth"},
    {kA, "CDG", "cardigan", "clothes", 49, 169, 280, 650,
     "Shawl Cardigan|Cropped Cardigan|Boyfriend Cardigan|Button Cardigan|Belted Cardigan",
     "lambswool|merino wool|mohair blend|cotton knit|recycled cashmere",
     "buttons of corozo nut|two patch pockets|a shawl collar that folds flat|a belt that can be taken off|a ribbed "
     "placket that lies still|a neat neckband",
     "The layer that lives on the back of the chair.|Wear it closed as a jumper or open as a jacket.|Cropped to meet a "
     "high waist.",
     "DRS|TEE|SKT|LOF", "cloth"},
    {kA, "JNS", "jeans", "waist", 59, 149, 480, 760,
     "Straight Jeans|Wide-Leg Jeans|Tapered Jeans|Bootcut Jeans|Slim Jeans|Barrel Jeans",
     "organic denim|selvedge denim|stretch denim|recycled denim",
     "a rise that stays put when you sit|a coin pocket that takes a coin|copper rivets at every corner|a "
     "chain-stitched "
     "hem|belt loops that are sewn in, not on|a leather-free patch",
     "They soften with every wear and fade where you bend.|Size up for a looser leg.|The inside leg is 81 cm and easy "
     "to shorten.",
     "TEE|SNK|BLT|SHT", "denim"},
    {kA, "TRS", "trousers", "waist", 49, 159, 330, 580,
     "Pleated Trousers|Chinos|Wide Trousers|Cargo Trousers|Drawstring Trousers|Tailored Trousers",
     "organic cotton|linen|wool blend|cotton twill|recycled crepe",
     "a crease that holds|pockets deep enough for a telephone|a hidden drawstring|turn-ups that can be let down|an "
     "elasticated back|a flat front",
     "Made for the meeting and for the bicycle ride to it.|They hang straight from the hip.|True to size, with an "
     "inside leg of 79 cm.",
     "SHT|BLS|LOF|BLT", "cloth"},
    {kA, "SKT", "skirt", "clothes", 35, 119, 210, 420,
     "Pleated Skirt|A-Line Skirt|Bias Skirt|Wrap Skirt|Button Skirt|Tiered Skirt",
     "viscose|linen|organic denim|wool blend|crinkle cotton",
     "a side zip that nobody sees|a lining that does not cling|pleats pressed for good|a waistband without a dig|a "
     "slit for long steps|pockets, of course",
     "It sits at the waist and ends at the calf.|Tights in winter, sandals in summer.|Twirl before you decide.",
     "BLS|CDG|BOT|TOT", "cloth"},
    {kA, "JKT", "jacket", "clothes", 79, 279, 520, 1100,
     "Chore Jacket|Trucker Jacket|Bomber Jacket|Quilted Jacket|Blazer|Field Jacket",
     "waxed cotton|organic denim|recycled nylon|wool blend|cotton twill",
     "three pockets outside and one for secrets inside|cuffs that close|a two-way zip|a collar that turns up against "
     "the "
     "wind|a lining in another colour|reinforced elbows",
     "Light enough for the evening, tough enough for the garden.|Wear it over a jumper: there is room.|It gets better "
     "where it is worn most.",
     "TEE|JNS|BKP|BOT", "cloth"},
    {kA, "COT", "coat", "clothes", 129, 399, 900, 1900, "Trench Coat|Duffle Coat|Pea Coat|Parka|Wrap Coat|Car Coat",
     "wool blend|waxed cotton|recycled wool|boiled wool|cotton twill",
     "horn-coloured toggles|a storm flap|taped seams|a hood that keeps your view clear|pockets lined with flannel|a "
     "vent "
     "for walking|a hanging loop that holds",
     "For the months with an R in them.|It takes a thick jumper underneath.|The length covers a jacket and most of a "
     "bad day.",
     "SCF|HAT|BOT|KNT", "cloth"},
    {kA, "HOD", "hoodie", "clothes", 39, 99, 420, 780,
     "Zip Hoodie|Pullover Hoodie|Half-Zip Sweatshirt|Crew Sweatshirt|Oversized Hoodie",
     "brushed fleece|organic cotton|recycled cotton|french terry",
     "a hood lined in jersey|flat cords that stay tied|a kangaroo pocket with a hidden corner for keys|ribbed sides|a "
     "zip that does not wave|thumb holes",
     "Sofa, sports ground, night train.|It comes out of the wash as it went in.|Roomy; take your size for the "
     "intended look.",
     "TEE|SNK|BKP|JNS", "cloth"},

    {kS, "SNK", "sneakers", "shoes", 59, 159, 620, 980,
     "Court Sneakers|Low Sneakers|Running Sneakers|Everyday Trainers|High-Top Sneakers|Retro Trainers",
     "vegan leather|canvas|recycled mesh|suede|full-grain leather",
     "a cup sole that is stitched, not only glued|a cushioned heel|laces of recycled yarn|a second pair of laces in "
     "the "
     "box|an insole you can take out|eyelets that do not rust",
     "They need no breaking in.|White soles, wiped clean in a minute.|Half sizes: take the larger one.",
     "JNS|TEE|HOD|BKP", "cloth"},
    {kS, "BOT", "ankle boots", "shoes", 89, 239, 900, 1500,
     "Chelsea Boots|Lace-Up Boots|Desert Boots|Biker Boots|Heeled Ankle Boots|Work Boots",
     "full-grain leather|suede|vegan leather|waxed leather",
     "a welted sole that a cobbler can replace|pull tabs front and back|elastic that springs back for years|a lugged "
     "sole|a padded collar|a side zip on the inside",
     "Grease them in autumn and they will see many springs.|Roomy enough for thick socks.|A low heel of 3 cm.",
     "JNS|SKT|COT|JKT", "leather"},
    {kS, "SND", "sandals", "shoes", 39, 129, 380, 700,
     "Cross-Strap Sandals|Strappy Sandals|Slide Sandals|Espadrilles|Fisherman Sandals|Platform Sandals",
     "full-grain leather|vegan leather|canvas|suede|recycled mesh",
     "a footbed that learns your foot|buckles you set once|straps lined with suede|a jute edge|a sole with grip on wet "
     "stone|a heel cup",
     "From breakfast to the last ferry.|They take water better than they take neglect.|True to size.",
     "DRS|SUN|HAT|TOT", "leather"},
    {kS, "LOF", "loafers", "shoes", 79, 199, 640, 980,
     "Penny Loafers|Tassel Loafers|Horsebit Loafers|Driving Loafers|Chunky Loafers",
     "full-grain leather|suede|vegan leather|patent leather",
     "hand-sewn moccasin stitching|a leather lining|a stacked heel|an apron sewn by hand|a rubber forepart for wet "
     "pavements|a cushioned insole",
     "With socks or without: both are right this year.|They slip on and then stay on.|A narrow last; take half a size "
     "more for broad feet.",
     "TRS|SHT|CDG|BLT", "leather"},
    {kS, "HEL", "heels", "shoes_small", 69, 219, 480, 760,
     "Block-Heel Pumps|Slingbacks|Kitten Heels|Mary Janes|Court Shoes|Heeled Mules",
     "full-grain leather|suede|patent leather|satin",
     "a heel you can dance on|a padded ball of the foot|a strap with five holes|a sole with rubber where it counts|a "
     "toe "
     "with room for toes|a heel tip that can be replaced",
     "Comfortable at the start of the evening and, more remarkable, at its end.|The heel measures 6 cm.|Made for "
     "parquet, good on asphalt.",
     "DRS|BLS|CRS|EAR", "cloth"},
    {kS, "HIK", "hiking shoes", "shoes", 99, 229, 800, 1350,
     "Trail Shoes|Hiking Boots|Approach Shoes|Mid Hikers|Winter Hikers",
     "waxed leather|recycled mesh|suede|full-grain leather",
     "a waterproof membrane|lugs of 5 mm|a rubber toe cap|hooks that let go when you want them to|a shank for stony "
     "ground|a gusseted tongue that keeps grit out",
     "For day walks with a full pack.|Break them in on the stairs, not on the summit.|Wear them with thick socks and "
     "order half a size up.",
     "BKP|JKT|HAT|COT", "leather"},
    {kS, "SLP", "slippers", "shoes_soft", 25, 79, 260, 520,
     "Clog Slippers|Cosy Slippers|Moccasin Slippers|Open Slippers|Quilted Slippers",
     "wool felt|recycled fleece|suede|boiled wool",
     "a sole that is quiet on wood|a heel you can tread down|a washable insole|natural rubber dots for the stairs|a "
     "high "
     "instep|a back that stays up",
     "Leave a pair by the door for guests.|Warm without being hot.|They come in a cotton bag for travelling.",
     "THR|CND|MUG|HOD", "cloth"},

    {kC, "TOT", "tote bag", "one", 25, 189, 280, 780, "Tote Bag|Shopper|Market Tote|Work Tote|Beach Bag",
     "canvas|full-grain leather|vegan leather|woven straw|recycled nylon",
     "a pocket for keys with a hook|handles long enough for a shoulder in a coat|a base that stands|room for a 15-inch "
     "laptop|a zip across the top|an inside pouch that comes out",
     "It carries the office, the market and the gym, in that order.|Folds flat when it is empty.|38 cm wide, 32 cm "
     "high, 14 cm deep.",
     "SUN|SCF|DRS|CRS", "leather"},
    {kC, "CRS", "crossbody bag", "one", 39, 219, 260, 620, "Crossbody Bag|Saddle Bag|Camera Bag|Half-Moon Bag|Belt Bag",
     "full-grain leather|vegan leather|suede|recycled nylon|waxed cotton",
     "a strap that goes from hip to shoulder|a magnetic flap|two compartments and a slot for a card|a lining you can "
     "see "
     "things against|brass fittings|a pocket on the back for the ticket",
     "Holds telephone, wallet, keys and a paperback.|Both hands free.|The strap adjusts from 60 to 120 cm.",
     "DRS|EAR|SUN|BOT", "leather"},
    {kC, "BKP", "backpack", "one", 49, 179, 520, 1100,
     "Backpack|Roll-Top Backpack|Day Pack|Commuter Backpack|Mini Backpack",
     "recycled nylon|waxed cotton|canvas|vegan leather",
     "a sleeve for a 16-inch laptop|a back panel that lets air through|bottle pockets that hold bottles|a chest "
     "strap|a "
     "pocket against the back for the passport|zips under a storm flap",
     "22 litres, fits under the seat.|Rain stays outside.|Made for the stairs between platform 3 and platform 9.",
     "HIK|SNK|HOD|JKT", "cloth"},
    {kC, "SCF", "scarf", "one", 19, 129, 90, 340, "Scarf|Checked Scarf|Fringed Scarf|Snood|Square Scarf|Blanket Scarf",
     "lambswool|merino wool|silk blend|recycled cashmere|alpaca blend",
     "fringes twisted by hand|a weave that is the same on both sides|edges rolled and sewn|length for two turns round "
     "the "
     "neck|a check in four colours|a label that does not scratch",
     "A blanket on the train, a scarf everywhere else.|180 by 35 cm.|Softer with each winter.", "COT|HAT|KNT|JKT",
     "cloth"},
    {kC, "HAT", "hat", "hats", 19, 89, 70, 190, "Beanie|Bucket Hat|Baseball Cap|Fedora|Sun Hat|Flat Cap|Beret",
     "lambswool|organic cotton|wool felt|canvas|waxed cotton",
     "a sweatband of cotton|a brim you can bend|a cuff to fold once or twice|a strap to make it fit|a lining for the "
     "ears|"
     "ventilation holes, stitched",
     "It goes into a coat pocket and comes out a hat.|For the sunny side of the street.|Measure above the ears.",
     "SCF|SUN|COT|TOT", "cloth"},
    {kC, "BLT", "belt", "belts", 25, 89, 120, 290,
     "Belt|Braided Belt|Dress Belt|Western Belt|Reversible Belt|Webbing Belt",
     "full-grain leather|vegan leather|waxed leather|canvas",
     "a buckle of solid brass|five holes, the middle one yours|edges painted by hand|a keeper that keeps|a width that "
     "fits "
     "every loop|two colours in one",
     "Black shoes, brown shoes: it gets along.|Order the length of the belt you wear, to the hole you use.|3 cm wide.",
     "JNS|TRS|LOF|SHT", "leather"},
    {kC, "SUN", "sunglasses", "one", 29, 169, 28, 60,
     "Round Sunglasses|Aviator Sunglasses|Cat-Eye Sunglasses|Square Sunglasses|Wayfarer Sunglasses",
     "bio acetate|stainless steel|recycled acetate",
     "lenses that stop all UV up to 400 nm|polarised glass|hinges with five barrels|a bridge that does not "
     "slide|temples "
     "with a wire core|a case that folds flat",
     "They come with a case and a cloth.|Category 3: for beach, boat and bright snow.|An optician can put your own "
     "lenses "
     "in.",
     "HAT|SND|TOT|DRS", "neutral"},
    {kC, "WCH", "watch", "one", 79, 349, 50, 140, "Field Watch|Diver Watch|Dress Watch|Chronograph|Minimal Watch",
     "stainless steel|brushed brass|full-grain leather|titanium",
     "sapphire glass|a quartz movement with a battery for five years|hands that glow|a strap to change without a "
     "tool|a "
     "date at six|water resistance to 50 m",
     "38 mm across: a size for most wrists.|Two years of guarantee and a cloth.|Tells the time, asks for nothing.",
     "BLT|SHT|LOF|NCK", "metal"},
    {kC, "EAR", "earrings", "one", 19, 139, 8, 30,
     "Hoop Earrings|Drop Earrings|Stud Earrings|Dangle Earrings|Ear Cuffs|Huggie Earrings",
     "sterling silver|gold vermeil|brushed brass|freshwater pearl",
     "posts of surgical steel|a clasp that clicks|a weight you forget|a hammered surface|a setting closed at the "
     "back|an "
     "even pair, matched by hand",
     "They arrive in a small box with a ribbon.|Nickel free.|Good with hair up, visible with hair down.",
     "NCK|DRS|HEL|BLS", "metal"},
    {kC, "NCK", "necklace", "one", 29, 189, 10, 45,
     "Chain Necklace|Pendant Necklace|Layered Necklace|Locket|Beaded Necklace",
     "sterling silver|gold vermeil|freshwater pearl|brushed brass",
     "three lengths on one clasp|a pendant that lies flat|a chain soldered link by link|an engraving on request|a "
     "toggle "
     "in front|an extender of 5 cm",
     "45 cm long, and 5 more if you like.|Wear it alone or with two others.|Take it off before swimming.",
     "EAR|BLS|DRS|WCH", "metal"},
};

}  // namespace

std::span<const Kind> fashion_kinds() { return kKinds; }

}  // namespace vcommerce::catalogue
