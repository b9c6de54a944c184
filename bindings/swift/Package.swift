// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "hearken",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "Hearken", targets: ["Hearken"]),
        .library(name: "HearkenTesting", targets: ["HearkenTesting"]),
    ],
    targets: [
        // Written by `cargo xtask generate`: the C header of the native library, and the Swift that calls it.
        .systemLibrary(name: "HearkenFFI"),
        .target(name: "HearkenGenerated", dependencies: ["HearkenFFI"]),
        .target(name: "Hearken", dependencies: ["HearkenGenerated"], resources: [.copy("PrivacyInfo.xcprivacy")]),
        .target(name: "HearkenTesting", dependencies: ["Hearken", "HearkenGenerated"]),
        // What the tests start as another process on the same file.
        .executableTarget(name: "HearkenOtherProcess", dependencies: ["Hearken"], path: "Tests/OtherProcess"),
        // Has the names that an app gets from SwiftUI, so that the tests see whether ours stand beside them.
        .target(name: "HearkenStandIn", path: "Tests/StandIn"),
        .testTarget(
            name: "HearkenTests",
            dependencies: ["Hearken", "HearkenGenerated", "HearkenTesting", "HearkenOtherProcess", "HearkenStandIn"],
            resources: [.copy("playbook.json")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
