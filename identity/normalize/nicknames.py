"""Which first names are short for which. From common knowledge of English, German, French, Spanish, Italian, Dutch,
Polish and Russian names; a short form may stand for several."""

_SHORT_FORMS = """
abigail: abby abbie gail
adam: ad
agnes: aggie
albert: al bert bertie
alexander: alex al sandy xander sasha alec lex alexr
alexandra: alex sandra sandy lexi sasha
alfred: al alf alfie fred
alice: ali
alison: ali allie
amanda: mandy
amelia: millie amy mia
andrew: andy drew
angela: angie
anna: annie ann anya
anne: annie ann
annabel: bella annie
anthony: tony ant
antonia: toni
archibald: archie
arthur: art artie
barbara: barb babs
bartholomew: bart
beatrice: bea trixie
benedict: ben
benjamin: ben benny benji benj
bernard: bernie
bethany: beth
brandon: bran
bridget: biddy
caitlin: cait cate
calvin: cal
cameron: cam
caroline: carrie caro
carolyn: carrie
catherine: cathy kate katie cat kitty cath
charles: charlie chuck chas chip
charlotte: charlie lottie char
christian: chris
christina: chris tina chrissy
christine: chris tina chrissy
christopher: chris kit topher
clarence: clare
claudia: claud
clifford: cliff
constance: connie
cornelius: neil
cynthia: cindy
daniel: dan danny danl
danielle: dani
david: dave davy
deborah: deb debbie
dennis: denny
dominic: dom nick
donald: don donny
dorothy: dot dottie dolly
douglas: doug
edmund: ed eddie ned
edward: ed eddie ned ted teddy edw
eleanor: ellie nell nora ella
elizabeth: liz lizzie beth betty eliza lisa elsie libby bess betsy eliz
ellen: ellie nell
emily: em emmy emmie millie
emma: em emmy
ernest: ernie
eugene: gene
evelyn: eve evie
ferdinand: ferdi
florence: flo florrie
frances: fran franny
francis: frank fran
francisco: paco pancho
franklin: frank
frederick: fred freddy freddie rick fredk
friedrich: fritz
gabriel: gabe
gabriella: gabby ella
geoffrey: geoff jeff
george: georgie geo
georgina: georgie gina
gerald: gerry jerry
gertrude: gertie trudy
gilbert: gil bert
giovanni: gianni
giuseppe: beppe pino
gregory: greg
hannah: hanna
hans: hansi
harold: harry hal
harriet: hattie
helen: nell
henry: harry hank hal
herbert: herb bert
howard: howie
hubert: hugh bert
ignacio: nacho
isaac: ike zac
isabella: bella izzy isa
isabelle: bella izzy isa
jacob: jake coby
jacqueline: jackie
james: jim jimmy jamie jem jas
jane: janie jenny
janet: jan
jason: jay
jeffrey: jeff
jennifer: jen jenny jenn
jeremiah: jerry jem
jeremy: jerry jez
jessica: jess jessie
joanna: jo joan
joanne: jo
johannes: hannes jan hans
john: jack johnny jon jno
jonathan: jon jonny nathan
jorge: coque
jose: pepe
joseph: joe joey jos
josephine: jo josie
joshua: josh
judith: judy
julia: jules
julian: jules
katherine: kate katie kathy kat kitty kath
kathleen: kathy kate
kenneth: ken kenny
kimberly: kim
laura: laurie
lawrence: larry lawrie
leonard: len lenny leo
leopold: leo
lewis: lew
lillian: lily lil
louis: lou louie
louise: lou lulu
lucille: lucy
ludwig: lutz
luis: lucho
madeleine: maddie maddy
madison: maddie maddy
magdalena: magda lena
manuel: manny manolo
marcus: marc mark
margaret: maggie meg peggy marge margie rita greta peg margt
maria: mia masha marie
mario: rio
martha: marty
martin: marty
mary: molly polly mae
matilda: tilly mattie
matthew: matt matty
maurice: moe
maximilian: max
maxwell: max
megan: meg
melanie: mel
melissa: mel lissa
michael: mike mick mickey mikey micky misha michl
michelle: shelly chelle
mikhail: misha
mildred: millie
miranda: mandy
mohammed: mohamed muhammad mohammad mo
nadezhda: nadia
natalia: natasha natalie
natalie: nat
natasha: tasha nat
nathan: nate
nathaniel: nathan nate nat nathl
nicholas: nick nicky nico klaus
nicole: nicky nikki
norman: norm
oliver: ollie noll
olivia: liv livvy libby
oscar: ozzie
pamela: pam
patricia: pat patty trish tricia
patrick: pat paddy rick patk
paul: pauly
pauline: polly
penelope: penny
peter: pete
philip: phil pip
phillip: phil pip
phoebe: phebe
priscilla: cilla
rachel: rach
raymond: ray
rebecca: becky becca
reginald: reggie reg
richard: rick dick rich richie ricky richd
robert: bob bobby rob robbie bert robt
roberta: bobbie
roger: rodge
roland: rollo
ronald: ron ronnie
rosemary: rosie rose
rosalind: ros
rowena: ro
rupert: bert
russell: russ
samantha: sam sammy
samuel: sam sammy saml
sandra: sandy
sarah: sally sadie sara
sebastian: seb bastian
sergei: seryozha
sharon: shaz
shirley: shirl
sidney: sid
simon: si
sophia: sophie
sophie: soph
stanley: stan
stephanie: steph stephie
stephen: steve stevie steph
steven: steve stevie
stuart: stu
susan: sue susie suzy
susanna: sue susie suzy
suzanne: sue susie suzy
sylvester: sly
sylvia: syl
tamara: tammy
terence: terry
teresa: terry tess tessa
theodore: theo ted teddy
theresa: terry tess tessa
thomas: tom tommy thos
timothy: tim timmy
tobias: toby
valentina: val tina
valerie: val
vanessa: nessa
veronica: ronnie vera
victor: vic
victoria: vicky vic tori
vincent: vince vinny
virginia: ginny
vladimir: vova volodya
walter: walt wally
wilfred: wilf fred
wilhelm: willi
william: bill billy will willy liam wm
winifred: winnie
winston: win
yekaterina: katya
yevgeny: zhenya
zachary: zac zach zack
"""


def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in _SHORT_FORMS.split("\n"):
        formal, _, short = line.partition(":")
        for name in short.split():
            table[name] = (*table.get(name, ()), formal)
    return table


NICKNAMES = _table()
