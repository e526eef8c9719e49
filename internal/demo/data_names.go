package demo

// Names as they are common in Germany. Lists are words in one string: they are
// cut once when the house is built.

const familyNames = `Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer
Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz
Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz
Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke
Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel
Heinrich Brandt Haas Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt
Sauer Arnold Wolff Pfeiffer Hübner Götz Weiß Nikolaus Strauß Preuß Großmann Weißenborn Döring Jürgens Böttcher
Röder Stöhr Kröger Lübke Gößling Hölzer Tränkner Küster Ostermann Petersen Hansen Janßen Carstensen Feddersen
Wittkowski Nowak Kowalski Lewandowski Sobotta Mrosek Kaminski Dombrowski Schimanski`

const nobleNames = `von der Heide|von Bülow|von Arnim|zu Stolberg|von Hohenfels|van den Berg|vom Bruch|von dem Knesebeck|de Vries|zur Mühlen|van Laak|von Oertzen`

const doubleNames = `Müller-Lüdenscheidt|Schmidt-Rottluff|Meyer-Landrut|Weiß-Döbbelin|Groß-Strehlitz|Schäfer-Gümbel|Hübner-Ostermann|Kramp-Jürgens|Leutheusser-Braun|Öztürk-Hahn`

const menOld = `Hans Karl Heinz Werner Günter Horst Helmut Gerhard Walter Herbert Kurt Klaus Manfred Dieter Siegfried Rolf
Wolfgang Peter Karl-Heinz Hans-Joachim Heinrich Ernst Erwin Otto Rudolf Alfred Willi Gerd Jürgen Egon Ewald Hans-Peter`

const womenOld = `Ursula Gerda Ingeborg Hildegard Helga Edith Christa Elfriede Irmgard Gisela Waltraud Erika Ruth Lieselotte
Margarete Anneliese Elisabeth Ilse Hannelore Renate Brigitte Käthe Rosemarie Inge Else Charlotte Marianne Anna Martha`

const menMid = `Thomas Michael Andreas Stefan Frank Jürgen Jörg Uwe Ralf Bernd Martin Matthias Markus Christian Torsten
Olaf Holger Dirk Sven Carsten Axel Volker Ingo Björn Jan Oliver Alexander Marco Daniel Tobias Sebastian Götz`

const womenMid = `Sabine Susanne Petra Andrea Birgit Martina Claudia Anja Katrin Heike Silke Kerstin Gabriele Ute Monika
Angelika Cornelia Nicole Stefanie Melanie Daniela Sandra Tanja Bärbel Karin Simone Britta Katja Christine Antje`

const menYoung = `Lukas Leon Finn Jonas Paul Ben Felix Maximilian Elias Noah Luis Tim Jannik Moritz Niklas Julian Fabian
Philipp Kevin Dennis Marvin Till Oskar Theo Emil Anton Jakob Matteo Henri Karl Mats Levi`

const womenYoung = `Lena Anna Lea Laura Sarah Lisa Julia Marie Sophie Emma Mia Hannah Emilia Lina Clara Ida Frieda Johanna
Charlotte Nele Jana Franziska Theresa Pia Greta Mathilda Leonie Paula Luisa Zoë Amélie Käthe Merle`

// people of one origin: family names, men, women (in the same order of sex).
type origin struct{ family, familyF, men, women string }

var origins = [...]origin{
	{"Yılmaz Şahin Öztürk Çelik Kaya Demir Yıldız Aydın Koç Arslan Doğan Güneş", "", "Mehmet Mustafa Ahmet Ali Hüseyin Emre Murat İbrahim", "Fatma Ayşe Emine Hatice Zeynep Elif Gülşen Özlem"},
	{"Łukasiewicz Wójcik Zieliński Szymański Dąbrowski Kozłowski Wiśniewski", "Łukasiewicz Wójcik Zielińska Szymańska Dąbrowska Kozłowska Wiśniewska", "Paweł Krzysztof Tomasz Zbigniew Stanisław", "Agnieszka Małgorzata Katarzyna Bożena Zofia"},
	{"Đorđević Jovanović Petrović Nikolić Đukić Šarić Živković Horvat", "", "Dragan Zoran Đorđe Nenad Goran", "Ljiljana Snežana Jelena Vesna Đurđica"},
	{"Nguyễn Trần Lê Phạm Hoàng", "", "Văn Hùng Minh Tuấn", "Thị Hương Lan Mai"},
	{"Popescu Ionescu Țurcanu Stănescu Dumitru", "", "Andrei Mihai Ștefan Ion", "Elena Ioana Mărioara Ana"},
	{"Schmidt Weber Petrow Iwanow Dück Janzen Wiens Neufeld", "Schmidt Weber Petrowa Iwanowa Dück Janzen Wiens Neufeld", "Viktor Wladimir Waldemar Sergej Alexej", "Olga Ludmila Swetlana Irina Natalia"},
	{"Al-Hamid Haddad Khalil Sabbagh Darwisch Rahimi Ahmadi", "", "Mohammad Omar Yusuf Karim Reza", "Amina Fatima Layla Nour Maryam"},
	{"Rossi Esposito Ferrara D'Angelo Caruso", "", "Giuseppe Antonio Salvatore Luca", "Maria Giovanna Rosalia Chiara"},
	{"García Muñoz Gonçalves Peña Araújo", "", "José Manuel João Ángel", "María Inês Concepción Lúcia"},
}

const streets = `Hauptstraße|Bahnhofstraße|Lindenweg|Gartenstraße|Schulstraße|Dorfstraße|Am Anger|Bergstraße|Kirchplatz|Mühlenweg|Goethestraße|Schillerstraße|Rosenweg|Waldstraße|Ringstraße|Feldstraße|Am Sportplatz|Birkenallee|Uferstraße|Neue Straße|Steinweg|Grüner Weg|Försterweg|An der Schleuse|Große Gasse`

// Towns around the house. They do not exist; neither does the house.
const towns = `38990 Lindental|38992 Oberlinden|38993 Bad Wiesenau|38995 Großenfelde|38996 Königsborn a. d. Lind|38997 Mühlrode|38998 Sankt Veit|38999 Weißenbrück|38991 Neuhöfen`

// Funds: invented names, numbers with the right check digit.
var funds = [...]struct {
	name   string
	digits int
	weight int
	group  string // 1 Mitglied, 3 Familie, 5 Rentner is set by age; P private
}{
	{"AKK Gesundheitskasse Lindland", 10841233, 34, ""},
	{"Nordbund Ersatzkasse", 10167355, 22, ""},
	{"TKN Techniker- und Handwerkskasse", 10290411, 20, ""},
	{"BKK Werra-Lind", 10593812, 9, ""},
	{"IKK Mittelland", 10774105, 5, ""},
	{"Landwirtschaftliche Kasse Lind", 10933027, 3, ""},
	{"Alte Lindener Krankenversicherung a. G.", 16851104, 5, "P"},
	{"Concordia Privatkrank AG", 16850322, 2, "P"},
}

const doctorTitles = `|Dr. med.|Dr. med.|Dr. med.|PD Dr. med.|`

// none-known allergies, and allergies with what they do.
var allergens = [...]struct {
	kind, code, text, severity, reaction string
	weight                               int
}{
	{"DA", "AL-PEN", "Penicillin", "SV", "Anaphylaxie", 22},
	{"DA", "AL-PEN", "Penicillin", "MO", "Exanthem", 14},
	{"DA", "AL-CEPH", "Cephalosporine", "MO", "Urtikaria", 5},
	{"DA", "AL-ASS", "Acetylsalicylsäure", "MO", "Bronchospasmus", 6},
	{"DA", "AL-METAM", "Metamizol", "SV", "Blutdruckabfall", 7},
	{"DA", "AL-KM", "Jodhaltiges Kontrastmittel", "MO", "Urtikaria, Übelkeit", 9},
	{"DA", "AL-IBU", "Ibuprofen", "MI", "Quincke-Ödem", 4},
	{"DA", "AL-COTRIM", "Cotrimoxazol", "MO", "Arzneimittelexanthem", 4},
	{"DA", "AL-OPI", "Morphin", "MI", "Juckreiz, Übelkeit", 3},
	{"FA", "AL-NUSS", "Nüsse", "SV", "Schwellung im Rachen", 5},
	{"FA", "AL-LAKT", "Laktose (Intoleranz)", "MI", "Durchfall", 5},
	{"FA", "AL-HUEHN", "Hühnereiweiß", "MI", "Hautausschlag", 3},
	{"MA", "AL-LATEX", "Latex", "MO", "Kontakturtikaria", 6},
	{"MA", "AL-PFLAST", "Pflaster (Acrylatkleber)", "MI", "Hautrötung", 8},
	{"MA", "AL-NICKEL", "Nickel", "MI", "Kontaktekzem", 6},
	{"EA", "AL-POLLEN", "Birken- und Gräserpollen", "MI", "Rhinitis", 7},
	{"EA", "AL-WESP", "Wespengift", "SV", "Anaphylaxie Grad II", 3},
}
