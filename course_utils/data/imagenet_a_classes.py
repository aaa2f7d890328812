"""ImageNet-A's 200 classes, in ImageNet's order.

A row each: WordNet id, index among ImageNet's 1,000 classes (the rank of the id among its sorted ids),
torchvision's name. The ids are those that the authors' evaluation script lists
(github.com/hendrycks/natural-adv-examples, eval_many_models.py).
"""

from __future__ import annotations

_ROWS = """
n01498041 6 stingray
n01531178 11 goldfinch
n01534433 13 junco
n01558993 15 robin
n01580077 17 jay
n01614925 22 bald eagle
n01616318 23 vulture
n01631663 27 eft
n01641577 30 bullfrog
n01669191 37 box turtle
n01677366 39 common iguana
n01687978 42 agama
n01694178 47 African chameleon
n01698640 50 American alligator
n01735189 57 garter snake
n01770081 70 harvestman
n01770393 71 scorpion
n01774750 76 tarantula
n01784675 79 centipede
n01819313 89 sulphur-crested cockatoo
n01820546 90 lorikeet
n01833805 94 hummingbird
n01843383 96 toucan
n01847000 97 drake
n01855672 99 goose
n01882714 105 koala
n01910747 107 jellyfish
n01914609 108 sea anemone
n01924916 110 flatworm
n01944390 113 snail
n01985128 124 crayfish
n01986214 125 hermit crab
n02007558 130 flamingo
n02009912 132 American egret
n02037110 143 oystercatcher
n02051845 144 pelican
n02077923 150 sea lion
n02085620 151 Chihuahua
n02099601 207 golden retriever
n02106550 234 Rottweiler
n02106662 235 German shepherd
n02110958 254 pug
n02119022 277 red fox
n02123394 283 Persian cat
n02127052 287 lynx
n02129165 291 lion
n02133161 295 American black bear
n02137549 298 mongoose
n02165456 301 ladybug
n02174001 306 rhinoceros beetle
n02177972 307 weevil
n02190166 308 fly
n02206856 309 bee
n02219486 310 ant
n02226429 311 grasshopper
n02231487 313 walking stick
n02233338 314 cockroach
n02236044 315 mantis
n02259212 317 leafhopper
n02268443 319 dragonfly
n02279972 323 monarch
n02280649 324 cabbage butterfly
n02281787 326 lycaenid
n02317335 327 starfish
n02325366 330 wood rabbit
n02346627 334 porcupine
n02356798 335 fox squirrel
n02361337 336 marmot
n02410509 347 bison
n02445715 361 skunk
n02454379 363 armadillo
n02486410 372 baboon
n02492035 378 capuchin
n02504458 386 African elephant
n02655020 397 puffer
n02669723 400 academic gown
n02672831 401 accordion
n02676566 402 acoustic guitar
n02690373 404 airliner
n02701002 407 ambulance
n02730930 411 apron
n02777292 416 balance beam
n02782093 417 balloon
n02787622 420 banjo
n02793495 425 barn
n02797295 428 barrow
n02802426 430 basketball
n02814860 437 beacon
n02815834 438 beaker
n02837789 445 bikini
n02879718 456 bow
n02883205 457 bow tie
n02895154 461 breastplate
n02906734 462 broom
n02948072 470 candle
n02951358 472 canoe
n02980441 483 castle
n02992211 486 cello
n02999410 488 chain
n03014705 492 chest
n03026506 496 Christmas stocking
n03124043 514 cowboy boot
n03125729 516 cradle
n03187595 528 dial telephone
n03196217 530 digital clock
n03223299 539 doormat
n03250847 542 drumstick
n03255030 543 dumbbell
n03291819 549 envelope
n03325584 552 feather boa
n03355925 557 flagpole
n03384352 561 forklift
n03388043 562 fountain
n03417042 569 garbage truck
n03443371 572 goblet
n03444034 573 go-kart
n03445924 575 golfcart
n03452741 579 grand piano
n03483316 589 hand blower
n03584829 606 iron
n03590841 607 jack-o'-lantern
n03594945 609 jeep
n03617480 614 kimono
n03666591 626 lighter
n03670208 627 limousine
n03717622 640 manhole cover
n03720891 641 maraca
n03721384 642 marimba
n03724870 643 mask
n03775071 658 mitten
n03788195 668 mosque
n03804744 677 nail
n03837869 682 obelisk
n03840681 684 ocarina
n03854065 687 organ
n03888257 701 parachute
n03891332 704 parking meter
n03935335 719 piggy bank
n03982430 736 pool table
n04019541 746 puck
n04033901 749 quill
n04039381 752 racket
n04067472 758 reel
n04086273 763 revolver
n04099969 765 rocking chair
n04118538 768 rugby ball
n04131690 773 saltshaker
n04133789 774 sandal
n04141076 776 sax
n04146614 779 school bus
n04147183 780 schooner
n04179913 786 sewing machine
n04208210 792 shovel
n04235860 797 sleeping bag
n04252077 802 snowmobile
n04252225 803 snowplow
n04254120 804 soap dispenser
n04270147 813 spatula
n04275548 815 spider web
n04310018 820 steam locomotive
n04317175 823 stethoscope
n04344873 831 studio couch
n04347754 833 submarine
n04355338 835 sundial
n04366367 839 suspension bridge
n04376876 845 syringe
n04389033 847 tank
n04399382 850 teddy
n04442312 859 toaster
n04456115 862 torch
n04482393 870 tricycle
n04507155 879 umbrella
n04509417 880 unicycle
n04532670 888 viaduct
n04540053 890 volleyball
n04554684 897 washer
n04562935 900 water tower
n04591713 907 wine bottle
n04606251 913 wreck
n07583066 924 guacamole
n07695742 932 pretzel
n07697313 933 cheeseburger
n07697537 934 hotdog
n07714990 937 broccoli
n07718472 943 cucumber
n07720875 945 bell pepper
n07734744 947 mushroom
n07749582 951 lemon
n07753592 954 banana
n07760859 956 custard apple
n07768694 957 pomegranate
n07831146 959 carbonara
n09229709 971 bubble
n09246464 972 cliff
n09472597 980 volcano
n09835506 981 ballplayer
n11879895 984 rapeseed
n12057211 986 yellow lady's slipper
n12144580 987 corn
n12267677 988 acorn
"""

_PARTS = [row.split(" ", 2) for row in _ROWS.strip().splitlines()]
WORDNET_IDS = tuple(part[0] for part in _PARTS)
INDICES = tuple(int(part[1]) for part in _PARTS)
CLASSES = tuple(part[2] for part in _PARTS)
